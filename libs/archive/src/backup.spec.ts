import { expect, test } from '@jest/globals';
import type { BackupHead } from '@souk/contracts';
import { blobCid, sha256Of } from '@souk/domain';
import { endMarker, tarEntry } from '@souk/testing/archives';
import { readBackup, writeBackup, type BackupEntry, type BackupEvent } from './index.ts';

const head: BackupHead = { format: 'souk-backup', version: 1, createdAt: 1_767_225_600_000, dataFolder: 1, network: 'open', cached: true, keys: false };
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function blob(content: string): BackupEntry {
  const cid = blobCid(sha256Of(text(content)));
  return { path: `blobs/${cid.slice(-2)}/${cid}`, size: text(content).length, bytes: [text(content)] };
}

const file = (path: string, content: string): BackupEntry => ({ path, size: content.length, bytes: [text(content)] });
const entries = [file('network.json', '{}'), file('logs.db.000', 'x'.repeat(100_000)), file('logs.db.001', 'rest'), blob('one'), blob(''), file('keys/peer', 'k'.repeat(32))];

async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

const written = (all: readonly BackupEntry[] = entries, first = head): Promise<Buffer> => bytesOf(writeBackup(first, stream(...all)));

async function* stream<T>(...values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}

async function read(bytes: Uint8Array): Promise<BackupEvent[]> {
  const events: BackupEvent[] = [];
  for await (const event of readBackup(stream(bytes))) events.push(event);
  return events;
}

test('what was written is read, in order, with its head and its end', async () => {
  const events = await read(await written());
  expect(events[0]).toEqual({ kind: 'head', head });
  expect(events.flatMap((one) => (one.kind === 'done' ? [one.path] : []))).toEqual(entries.map((one) => one.path));
  expect(events.at(-1)).toMatchObject({ kind: 'end', end: { files: entries.length + 1 } });
  const content = Buffer.concat(events.flatMap((one) => (one.kind === 'data' ? [one.bytes] : []))).toString();
  expect(content).toBe(`{}${'x'.repeat(100_000)}restone${'k'.repeat(32)}`);
});

test('the same backup has the same bytes, and tar programs can list it', async () => {
  expect(await written()).toEqual(await written());
  const { spawnSync } = await import('node:child_process');
  const { stdout } = spawnSync('tar', ['-tf', '-'], { input: await written() });
  expect(stdout.toString().trim().split('\n')).toEqual(['backup.json', ...entries.map((one) => one.path), 'end.json']);
});

test('every flipped byte of what it holds, and every cut, is noticed', async () => {
  const whole = await written([file('network.json', '{}'), blob('one')]);
  for (let at = 0; at < whole.length; at += 7) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] as number) ^ 0x40;
    // Padding and the fields of a tar header that mean nothing here may hold anything.
    const outcome = await read(damaged).then((events) => JSON.stringify(events), (error: unknown) => (error as { code: string }).code);
    expect(['STORAGE_CORRUPT', 'STORAGE_VERSION', JSON.stringify(await read(whole))]).toContain(outcome);
  }
  for (let length = 0; length < whole.length - 1024; length += 101) await expect(read(whole.subarray(0, length))).rejects.toMatchObject({ code: 'STORAGE_CORRUPT' });
});

test('an entry that is left out, put in, doubled or exchanged is noticed', async () => {
  const marker = Buffer.from(endMarker);
  const blocks = async (...all: BackupEntry[]): Promise<Buffer> => (await written(all)).subarray(0, -marker.length);
  const [a, b] = [await blocks(blob('one')), await blocks(blob('two'))];
  const at = a.length - 1024;
  expect(a.subarray(0, 1024).equals(b.subarray(0, 1024))).toBe(true);
  for (const forged of [
    Buffer.concat([a.subarray(0, 1024), a.subarray(at), marker]),
    Buffer.concat([a.subarray(0, at), b.subarray(1024, at), a.subarray(at), marker]),
    Buffer.concat([b.subarray(0, at), a.subarray(at), marker]),
    Buffer.concat([a.subarray(0, at), a.subarray(1024, at), a.subarray(at), marker]),
    Buffer.concat([a, a.subarray(1024, at), marker]),
    Buffer.concat([a.subarray(0, at), marker]),
  ]) {
    await expect(read(forged)).rejects.toMatchObject({ code: 'STORAGE_CORRUPT' });
  }
});

test.each(['../evil', '/etc/passwd', 'keys/../x', 'keys/.hidden', 'blobs/aa/x', 'lock.db', 'logs.db', 'keys/a/b'])('an entry %s is refused', async (path) => {
  const first = (await written([])).subarray(0, 1024);
  await expect(read(Buffer.concat([first, tarEntry({ name: path, body: 'x' }), endMarker]))).rejects.toMatchObject({ code: 'STORAGE_CORRUPT' });
  await expect(written([file(path, 'x')])).rejects.toThrow(RangeError);
});

test('a link is refused, and so is anything that is no backup', async () => {
  const first = (await written([])).subarray(0, 1024);
  await expect(read(Buffer.concat([first, tarEntry({ name: 'keys/peer', type: '2', linkName: '/etc/shadow' }), endMarker]))).rejects.toMatchObject({ code: 'STORAGE_CORRUPT' });
  for (const bytes of [text(''), text('no tar at all'), Buffer.concat([tarEntry({ name: 'package/package.json', body: '{}' }), endMarker])]) await expect(read(bytes)).rejects.toMatchObject({ code: 'STORAGE_CORRUPT' });
});

test('a backup of a newer Souk is refused and names both versions', async () => {
  const newer = { ...head, version: 2, more: true } as unknown as BackupHead;
  await expect(read(await written(entries, newer))).rejects.toMatchObject({ code: 'STORAGE_VERSION', message: 'The backup has version 2; this Souk understands 1.' });
});

test('an entry that has more or fewer bytes than it says fails the backup', async () => {
  await expect(written([{ ...file('network.json', '{}'), size: 3 }])).rejects.toMatchObject({ code: 'STORAGE_CORRUPT' });
  await expect(written([{ ...file('network.json', '{}'), size: 1 }])).rejects.toMatchObject({ code: 'STORAGE_CORRUPT' });
});
