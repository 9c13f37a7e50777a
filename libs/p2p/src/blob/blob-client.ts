import type { BlobFrame } from '@souk/contracts';
import { SoukError, type Cid } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import type { PeerLimits } from '../node/peer-limits.ts';

/** Which slice of which blob. */
export interface SliceRequest {
  readonly cid: Cid;
  readonly offset: number;
  readonly length: number;
  readonly signal: AbortSignal;
  /** Hears of bytes as they come, not verified yet. */
  received?(bytes: number): void;
}

/** Asks a peer which of these blobs it has. Answers that were not asked for are left out. */
export async function askWhetherHeld(channel: Channel<BlobFrame>, cids: readonly Cid[], step: { timeoutMs: number; signal: AbortSignal }): Promise<readonly Cid[]> {
  const answer = await channel.asks('have?', async () => {
    await channel.send({ t: 'have?', cids: [...cids] }, step);
    return channel.expect('have', step);
  });
  const asked = new Set(cids);
  return [...new Set(answer.cids)].filter((cid) => asked.has(cid));
}

/**
 * Reads a slice of exactly `length` bytes. Throws BLOB_NOT_FOUND when the peer does not have the blob after all, CID_MISMATCH when it offers
 * another number of bytes, TIMEOUT when it is silent for `stallMs` or slower than `minRate`, and what the channel throws.
 */
export function readSlice(channel: Channel<BlobFrame>, request: SliceRequest, limits: PeerLimits): Promise<Uint8Array> {
  return channel.asks('get?', () => sliceFrom(channel, request, limits));
}

async function sliceFrom(channel: Channel<BlobFrame>, request: SliceRequest, limits: PeerLimits): Promise<Uint8Array> {
  const { cid, offset, length, signal } = request;
  const deadline = Date.now() + limits.stallMs + (length / limits.minRate) * 1000;
  const step = (): { timeoutMs: number; signal: AbortSignal } => ({ timeoutMs: Math.min(limits.stallMs, deadline - Date.now()), signal });
  await channel.send({ t: 'get?', cid, offset, length }, step());
  const { size } = await channel.expect('size', step());
  if (size !== length) throw new SoukError('CID_MISMATCH', `The peer offered ${size} bytes where the blob has ${length}.`);
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const piece = await channel.expect('bytes', step());
    if (piece.bytes.length === 0 || at + piece.bytes.length > length) throw new SoukError('BAD_FRAME', 'The peer sent more bytes than it said, or none.');
    bytes.set(piece.bytes, at);
    at += piece.bytes.length;
    request.received?.(piece.bytes.length);
  }
  return bytes;
}
