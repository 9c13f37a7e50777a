import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { archiveRuleNames, defaultArchiveLimits, isSoukError } from '@souk/domain';
import { hostileArchives, soundArchives } from '@souk/testing/archives';
import { temporaryFolder, type TemporaryFolder } from '@souk/testing/conformance';
import { extract } from 'tar';
import { inspectArchive, requireSound, unpackArchive } from './index.ts';

const maxBytes = 100_000_000;
let outside: TemporaryFolder;

beforeEach(async () => {
  outside = await temporaryFolder();
  await writeFile(join(outside.path, 'canary.txt'), 'alive');
  await mkdir(join(outside.path, 'inner'));
});

afterEach(() => outside.remove());

async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function expectUntouched(): Promise<void> {
  expect((await readdir(outside.path, { recursive: true })).sort()).toEqual(['canary.txt', 'inner']);
  expect(await readFile(join(outside.path, 'canary.txt'), 'utf8')).toBe('alive');
}

for (const { name, rule, bytes, limits } of hostileArchives) {
  test(`refuses ${name}: ${rule}`, async () => {
    const options = { maxBytes, limits: { ...defaultArchiveLimits, ...limits } };
    const report = await inspectArchive(inOnePiece(bytes()), options);
    expect(report.violations.map((violation) => violation.rule)).toContain(rule);
    const refused: unknown = await unpackArchive(inOnePiece(bytes()), join(outside.path, 'inner', 'package'), options).catch((error: unknown) => error);
    expect(isSoukError(refused) && refused.code).toBe('BAD_ARCHIVE');
    await expectUntouched();
  });
}

test('control: unpacked without the policy, such archives do reach the canary and write outside', async () => {
  const reach = async (name: string): Promise<void> => {
    const bytes = hostileArchives.find((archive) => archive.name === name)?.bytes();
    const folder = join(outside.path, 'inner', 'package');
    await mkdir(folder, { recursive: true });
    await pipeline(Readable.from([Buffer.from(bytes ?? [])]), extract({ cwd: folder, strip: 1, preservePaths: true }));
  };
  await reach('a name that climbs out of the root');
  expect(await readdir(outside.path)).toContain('escape.txt');
  await reach('a symbolic link');
  expect(await readFile(join(outside.path, 'inner', 'package', 'link'), 'utf8')).toBe('alive');
});

test('there is a hostile archive for every rule', () => {
  const tried = new Set(hostileArchives.map(({ rule }) => rule));
  expect(archiveRuleNames.filter((rule) => !tried.has(rule))).toEqual([]);
});

for (const { name, bytes, files } of soundArchives) {
  test(`accepts ${name}`, async () => {
    const report = requireSound(await inspectArchive(inOnePiece(bytes()), { maxBytes }));
    expect(report.files.map((file) => file.path).sort()).toEqual(['package.json', ...files].sort());
    const unpacked = await unpackArchive(inOnePiece(bytes()), join(outside.path, 'inner', 'package'), { maxBytes });
    expect(unpacked).toEqual(report);
    for (const file of files) await expect(readFile(join(outside.path, 'inner', 'package', file))).resolves.toHaveLength(report.files.find(({ path }) => path === file)?.size ?? -1);
  });
}
