import { expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { manifestOf } from '@souk/domain';
import { loadCorpus, type Corpus } from './corpus.ts';
import { generatedPackages } from './generated-packages.ts';

const lines = Array.from({ length: 40 }, (_, number) => JSON.stringify({ name: number % 4 === 0 ? `Not Valid ${number}` : `pkg-${number}`, version: '1.0.0', description: `Number ${number}` }));

async function loaded(file: string, bytes: string | Uint8Array, count: number): Promise<Corpus> {
  const folder = await mkdtemp(join(tmpdir(), 'souk-corpus-'));
  try {
    await writeFile(join(folder, file), bytes);
    return await loadCorpus(count, { SOUK_CORPUS: join(folder, file) });
  } finally {
    await rm(folder, { recursive: true });
  }
}

const names = ({ packages }: Corpus): string[] => packages.map(({ read }) => read.name);

test('a file gives its valid packages in an order that depends on nothing but the seed, packed or not', async () => {
  const first = await loaded('c.jsonl', `${lines.join('\n')}\n`, 20);
  const again = await loaded('c.jsonl.gz', gzipSync(lines.join('\n')), 20);
  expect(names(first)).toEqual(names(again));
  expect(new Set(names(first)).size).toBe(20);
  expect(names(first).every((name) => name.startsWith('pkg-'))).toBe(true);
  expect(names(first)).not.toEqual(names(first).toSorted());
  expect(first.label).toMatch(/^20 of the 40 real packages of c\.jsonl \(shuffled by seed 1, \d+ without a valid manifest left out\)$/);
});

test('a file with too few valid packages is refused instead of being filled up', async () => {
  await expect(loaded('c.jsonl', lines.join('\n'), 31)).rejects.toThrow('has 30 valid packages, 31 are needed');
});

test('a file that is named but not there is an error, not a reason to make packages up', async () => {
  await expect(loadCorpus(10, { SOUK_CORPUS: join(tmpdir(), 'souk-no-such-corpus.jsonl.gz') })).rejects.toThrow('ENOENT');
});

test('generated packages are the same for a seed, have names of their own and valid manifests of both kinds', () => {
  const packages = generatedPackages(500, 7);
  expect(packages).toEqual(generatedPackages(500, 7));
  expect(packages).not.toEqual(generatedPackages(500, 8));
  const read = packages.map((one) => manifestOf(one));
  expect(new Set(read.map(({ name }) => name)).size).toBe(500);
  expect(new Set(read.map(({ kind }) => kind))).toEqual(new Set(['package', 'template']));
});
