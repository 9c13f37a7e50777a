import { expect, test } from '@jest/globals';
import { fc } from '@souk/testing/properties';
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { isSoukError, reduceMode, sortFiles, type FileEntry } from '@souk/domain';
import { packageOfFiles, soundArchives } from '@souk/testing/archives';
import { inFolder } from '@souk/testing/conformance';
import { Parser, type ReadEntry } from 'tar';
import { inspectArchive, unpackArchive, type ArchiveReport } from './index.ts';

const maxBytes = 10_000_000;
const block = 512;

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function judge(bytes: Uint8Array): Promise<ArchiveReport> {
  return inFolder(async (folder) => {
    const report = await inspectArchive(one(bytes), { maxBytes });
    const unpacked: unknown = await unpackArchive(one(bytes), join(folder, 'out'), { maxBytes }).catch((error: unknown) => error);
    if (report.violations.length === 0) expect(unpacked).toEqual(report);
    else expect(isSoukError(unpacked) && unpacked.code).toBe('BAD_ARCHIVE');
    expect(await readdir(folder)).toEqual(report.violations.length === 0 ? ['out'] : []);
    return report;
  });
}

/** What npm's tar program, told to be strict, sees in a tar stream. */
async function npmFiles(tar: Uint8Array): Promise<FileEntry[]> {
  const files: FileEntry[] = [];
  return new Promise((resolve, reject) => {
    const onReadEntry = (entry: ReadEntry): void => {
      const hash = createHash('sha256');
      entry.on('data', (chunk) => hash.update(chunk));
      entry.on('end', () => {
        const path = entry.path.slice(entry.path.indexOf('/') + 1);
        if (entry.type !== 'Directory') files.push({ path, mode: reduceMode(entry.mode ?? 0), size: entry.size, sha256: hash.digest('hex') });
      });
    };
    const parser = new Parser({ strict: true, onReadEntry });
    parser.on('end', () => resolve(sortFiles(files)));
    parser.on('error', reject);
    parser.end(Buffer.from(tar));
  });
}

function withChecksum(tar: Buffer, header: number): void {
  const at = header * block;
  tar.fill(' ', at + 148, at + 156);
  const sum = tar.subarray(at, at + block).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1');
}

const flips = fc.array(fc.record({ at: fc.nat(), value: fc.integer({ min: 1, max: 255 }) }), { minLength: 1, maxLength: 4 });
const base = packageOfFiles({ 'lib/a.js': 'export const a = 1;\n'.repeat(100), 'README.md': '# Read me\n' });
const tars = soundArchives.map(({ bytes }) => gunzipSync(bytes()));

test('random changes of the compressed bytes never crash, hang or leave anything behind', async () => {
  await fc.assert(
    fc.asyncProperty(flips, async (changes) => {
      const bytes = Buffer.from(base);
      for (const { at, value } of changes) bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ value;
      await judge(bytes);
    }),
    { numRuns: 150 },
  );
});

test('an archive cut anywhere is refused', async () => {
  for (let length = 0; length < base.length; length += 1) {
    const report = await inspectArchive(one(base.subarray(0, length)), { maxBytes });
    expect(report.violations.map(({ rule }) => rule)).toEqual([length === 0 ? 'not-gzip' : 'truncated']);
  }
});

test('random bytes are refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), fc.boolean(), async (bytes, compressed) => {
      const report = await judge(compressed ? gzipSync(bytes) : bytes);
      expect(report.violations).not.toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test('every sound archive is read by npm as Souk reads it', async () => {
  for (const tar of tars) expect(await npmFiles(tar)).toEqual((await inspectArchive(one(gzipSync(tar)), { maxBytes })).files);
});

test('headers that were changed at random are refused, or read by npm as Souk reads them', async () => {
  let sound = 0;
  const change = fc.record({ header: fc.nat(9), at: fc.nat(block - 1), value: fc.oneof(fc.constantFrom(0, 32, 47, 48, 49, 53, 120, 128, 255), fc.nat(255)) });
  await fc.assert(
    fc.asyncProperty(fc.nat(tars.length - 1), fc.array(change, { minLength: 1, maxLength: 6 }), async (original, changes) => {
      const tar = Buffer.from(tars[original] ?? []);
      for (const { header, at, value } of changes) {
        const index = header % (tar.length / block);
        tar[index * block + at] = value;
        withChecksum(tar, index);
      }
      const report = await judge(gzipSync(tar));
      if (report.violations.length > 0) return;
      sound += 1;
      expect(await npmFiles(tar)).toEqual(report.files);
    }),
    {
      numRuns: 400,
      examples: [
        // a time that npm cannot decode, in an extended header
        [8, [{ header: 0, at: 488, value: 255 }]],
        // a link target that only npm sees, behind an empty one
        [0, [{ header: 0, at: 158, value: 10 }]],
      ],
    },
  );
  expect(sound).toBeGreaterThan(10);
});
