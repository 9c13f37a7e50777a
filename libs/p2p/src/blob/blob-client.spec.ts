import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { BlobFrame } from '@souk/contracts';
import { blobCid, sha256Of, SoukError } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import { fullPeerLimits } from '../node/peer-limits.ts';
import { readSlice } from './blob-client.ts';

const length = 1000;

/** A channel to a peer that sends one byte a millisecond at most, so that it is never silent. */
function trickling(): Channel<BlobFrame> {
  const answer = async (kind: string, { timeoutMs }: { timeoutMs: number }): Promise<unknown> => {
    if (timeoutMs <= 0) throw new SoukError('TIMEOUT', 'The peer took too long.');
    await wait(1);
    return kind === 'size' ? { t: 'size', size: length } : { t: 'bytes', bytes: Uint8Array.of(1) };
  };
  return { asks: (_question: string, work: () => Promise<unknown>) => work(), send: () => Promise.resolve(), expect: answer } as unknown as Channel<BlobFrame>;
}

const request = { cid: blobCid(sha256Of(Uint8Array.of(1))), offset: 0, length, signal: new AbortController().signal };

test('who sends a chunk byte by byte, and is never silent for long, is too slow all the same', async () => {
  const limits = { ...fullPeerLimits, stallMs: 100, minRate: 100_000 };
  await expect(readSlice(trickling(), request, limits)).rejects.toMatchObject({ code: 'TIMEOUT' });
});

test('who is slow but not slower than it may be is waited for', async () => {
  const limits = { ...fullPeerLimits, stallMs: 60_000, minRate: 1 };
  expect(await readSlice(trickling(), request, limits)).toHaveLength(length);
});
