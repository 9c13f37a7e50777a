import { maxFrameBytes, type BlobFrame } from '@souk/contracts';
import { SoukError, sliceEnd, type BlobStore, type Cid } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import type { StepOptions } from '../frame/frame-stream.ts';
import { underTrace, type TraceHook } from '../frame/trace-hook.ts';
import type { Bandwidth } from '../node/bandwidth.ts';
import type { PeerLimits } from '../node/peer-limits.ts';
import { within } from '../node/waiting.ts';

/** Bytes of a blob in one frame. */
const pieceBytes = maxFrameBytes - 1024;

/** What serving needs. */
export interface BlobServerNeeds {
  readonly blobs: BlobStore;
  readonly limits: PeerLimits;
  /** What all streams may send together. */
  readonly up: Bandwidth;
  readonly trace?: TraceHook | undefined;
}

type ServeStep = StepOptions & { readonly signal: AbortSignal };
type GetRequest = Extract<BlobFrame, { t: 'get?' }>;

/** Answers one peer's `/souk/blob/1` stream until it ends. Throws what the channel throws; a reader that is too slow is TIMEOUT. */
export async function serveBlobs(channel: Channel<BlobFrame>, needs: BlobServerNeeds, signal: AbortSignal): Promise<void> {
  const step = { timeoutMs: needs.limits.frameMs, signal };
  for (let requests = 0; ; requests += 1) {
    const frame = await channel.receive(step);
    if (frame === undefined) return;
    if (requests >= needs.limits.serveRequests) throw new SoukError('RATE_LIMITED', `One exchange may ask ${needs.limits.serveRequests} times.`);
    await underTrace(needs.trace, channel, frame, () => answer(channel, frame, needs, step));
  }
}

async function answer(channel: Channel<BlobFrame>, frame: BlobFrame, needs: BlobServerNeeds, step: ServeStep): Promise<void> {
  if (frame.t === 'have?') await channel.send({ t: 'have', cids: await held(frame.cids, needs.blobs) }, step);
  else if (frame.t === 'get?') await sendSlice(channel, frame, needs, step);
  else throw new SoukError('BAD_FRAME', `The peer sent "${frame.t}", which is an answer, without being asked.`);
}

async function held(cids: readonly Cid[], blobs: BlobStore): Promise<Cid[]> {
  const here: Cid[] = [];
  for (const cid of cids) if ((await blobs.size(cid)) !== undefined) here.push(cid);
  return here;
}

async function sendSlice(channel: Channel<BlobFrame>, request: GetRequest, { blobs, up }: BlobServerNeeds, step: ServeStep): Promise<void> {
  const { cid, offset, length } = request;
  const size = await blobs.size(cid);
  if (size === undefined) throw new SoukError('BLOB_NOT_FOUND', `The blob ${cid} is not here.`);
  const end = sliceEnd({ offset, length }, size);
  const pieces = (await within(blobs.read(cid, { offset, length }), step, 'Reading the blob'))[Symbol.asyncIterator]();
  try {
    await channel.send({ t: 'size', size: end - offset }, step);
    for (let next = await within(pieces.next(), step, 'Reading the blob'); !next.done; next = await within(pieces.next(), step, 'Reading the blob')) {
      const piece = next.value;
      for (let at = 0; at < piece.length; ) {
        const bytes = piece.subarray(at, at + Math.min(pieceBytes, up.most));
        await up.take(bytes.length, step.signal);
        await channel.send({ t: 'bytes', bytes }, step);
        at += bytes.length;
      }
    }
  } finally {
    // Not waited for: a read that hangs would hang its end too.
    void pieces.return?.();
  }
}
