import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openLineFile } from './file-lines.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'souk-lines-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The lines of a file with these bytes, each with its number; those that are too long as `too long`. */
async function linesOf(bytes: string | Uint8Array, maxBytes = 100, signal = new AbortController().signal): Promise<[number, string][]> {
  const path = join(folder, 'file.jsonl');
  writeFileSync(path, bytes);
  const file = await openLineFile(path, { maxBytes, signal });
  const lines: [number, string][] = [];
  for await (const line of file.lines()) lines.push([line.number, line.bytes === undefined ? 'too long' : Buffer.from(line.bytes).toString()]);
  expect(file.position).toBe(file.size);
  return lines;
}

test('lines have their numbers, with and without a break at the end, of Unix and of Windows; empty ones are skipped', async () => {
  expect(await linesOf('one\ntwo\n\r\n\nfive\r\nsix')).toEqual([[1, 'one'], [2, 'two'], [5, 'five'], [6, 'six']]);
  expect(await linesOf('')).toEqual([]);
  expect(await linesOf('\n\n')).toEqual([]);
});

test('gzip is known by its bytes, not by its name; several members are one file', async () => {
  const members = Buffer.concat([gzipSync('one\ntw'), gzipSync('o\nthree\n')]);
  expect(await linesOf(members)).toEqual([[1, 'one'], [2, 'two'], [3, 'three']]);
});

test('lines that are cut by the pieces of a large file are whole', async () => {
  const lines = Array.from({ length: 20_000 }, (_, number) => `line ${number} ${'x'.repeat(number % 90)}`);
  expect(await linesOf(gzipSync(lines.join('\n')), 200)).toEqual(lines.map((line, at) => [at + 1, line]));
});

test('a line beyond the limit costs no memory and stops nothing', async () => {
  const long = 'x'.repeat(3_000_000);
  expect(await linesOf(gzipSync(`one\n${long}\nthree\n${'y'.repeat(101)}\n${'z'.repeat(100)}\n${long}`))).toEqual([[1, 'one'], [2, 'too long'], [3, 'three'], [4, 'too long'], [5, 'z'.repeat(100)], [6, 'too long']]);
});

test('a compressed file that is cut off or damaged is told of', async () => {
  const whole = gzipSync('a line\n'.repeat(100_000));
  await expect(linesOf(whole.subarray(0, whole.length - 20))).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  await expect(linesOf(Buffer.concat([whole.subarray(0, 60), Buffer.alloc(60, 7), whole.subarray(120)]))).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});

test('no such file is NOT_FOUND; reading stops when it is cancelled', async () => {
  await expect(openLineFile(join(folder, 'nowhere'), { maxBytes: 1, signal: new AbortController().signal })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const cancel = new AbortController();
  cancel.abort();
  await expect(linesOf('one\n', 100, cancel.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
});
