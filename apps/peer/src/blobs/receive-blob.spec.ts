import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { MemoryBlobStore } from '@souk/domain';
import { packed } from '@souk/testing';
import { allOf } from '../testing/all-of.ts';
import { ArchiveReports } from './archive-reports.ts';
import { receiveBlob, type BlobReceiver } from './receive-blob.ts';

const held = async (receiver: BlobReceiver): Promise<string[]> => allOf((receiver.blobs as MemoryBlobStore).list());

function receiver(maxBytes = 1_000_000): BlobReceiver {
  const blobs = new MemoryBlobStore();
  return { blobs, room: { require: async () => undefined }, reports: new ArchiveReports(blobs, maxBytes), maxBytes };
}

const inPieces = (bytes: Uint8Array, size = 7): Readable => Readable.from(Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size)));

test('keeps a sound archive under its cid', async () => {
  const { cid, bytes } = await packed('mitt', '1.0.0');
  const to = receiver();
  expect(await receiveBlob(cid, inPieces(bytes), to)).toEqual({ size: bytes.length });
  expect(await held(to)).toEqual([cid]);
});

test('refuses bytes that are not those of the cid, and keeps nothing', async () => {
  const { bytes } = await packed('mitt', '1.0.0');
  const { cid } = await packed('mitt', '1.0.1');
  const to = receiver();
  await expect(receiveBlob(cid, inPieces(bytes), to)).rejects.toMatchObject({ code: 'CID_MISMATCH' });
  expect(await held(to)).toEqual([]);
});

test('refuses what is too large before and while it arrives, naming the limit', async () => {
  const { cid, bytes } = await packed('mitt', '1.0.0');
  const to = receiver(bytes.length - 1);
  const tooLarge = { code: 'TOO_LARGE', details: { limit: bytes.length - 1 } };
  await expect(receiveBlob(cid, inPieces(bytes), to)).rejects.toMatchObject(tooLarge);
  await expect(receiveBlob(cid, inPieces(bytes), to, bytes.length)).rejects.toMatchObject(tooLarge);
  expect(await held(to)).toEqual([]);
});

test('takes a stream that breaks off for cut off, and keeps nothing', async () => {
  const { cid, bytes } = await packed('mitt', '1.0.0');
  const to = receiver();
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield bytes.subarray(0, 20);
    throw new Error('aborted');
  }
  await expect(receiveBlob(cid, Readable.from(broken()), to)).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(await held(to)).toEqual([]);
});
