import type { FrameHead, SyncFrame } from '@souk/contracts';
import { SoukError, type KeyId, type LogStore } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import { underTrace, type TraceHook } from '../frame/trace-hook.ts';
import type { PeerLimits } from '../node/peer-limits.ts';
import { frameCost, maxRecordBytes, toBareFrame, toFrame } from './frame-record.ts';
import type { HeadRoots } from './head-roots.ts';

/** Heads in one page: some 120 bytes each, so that a page fits a frame. */
const headsPage = 1000;
/** Most records in one range frame. */
const rangeRecords = 500;
/** Records read from the store at once. */
const readPage = 64;

/** What serving needs. */
export interface SyncServerNeeds {
  readonly logs: LogStore;
  readonly roots: HeadRoots;
  readonly limits: PeerLimits;
  readonly trace?: TraceHook | undefined;
  /** Hears the head root that the peer greets with. */
  greeted(root: string): void;
}

type Range = Extract<SyncFrame, { t: 'range' }>;
type RangeRequest = Extract<SyncFrame, { t: 'range?' }>;

/** Answers one peer's `/souk/sync/1` stream until it ends. Throws what the channel throws, and RATE_LIMITED beyond the limits. */
export async function serveSync(channel: Channel<SyncFrame>, needs: SyncServerNeeds, signal: AbortSignal): Promise<void> {
  const step = { timeoutMs: needs.limits.frameMs, signal };
  for (let requests = 0; ; requests += 1) {
    const frame = await channel.receive(step);
    if (frame === undefined) return;
    if (requests >= needs.limits.serveRequests) throw new SoukError('RATE_LIMITED', `One exchange may ask ${needs.limits.serveRequests} times.`);
    const answer = await underTrace(needs.trace, frame.trace, () => answerTo(frame, needs));
    await channel.send(answer, step);
    if (answer.t === 'same') return;
  }
}

async function answerTo(frame: SyncFrame, needs: SyncServerNeeds): Promise<SyncFrame> {
  switch (frame.t) {
    case 'hello': {
      const root = await needs.roots.root();
      needs.greeted(frame.root);
      return root === frame.root ? { t: 'same' } : { t: 'differs', root };
    }
    case 'heads?':
      return headsAfter(frame.after, needs);
    case 'range?':
      return rangeOf(frame, needs);
    default:
      throw new SoukError('BAD_FRAME', `The peer sent "${frame.t}", which is an answer, without being asked.`);
  }
}

async function headsAfter(after: KeyId | undefined, needs: SyncServerNeeds): Promise<SyncFrame> {
  const heads = await needs.logs.heads(after, headsPage);
  const forked = await needs.roots.forked();
  return { t: 'heads', heads: heads.map(({ key, seq, hash }): FrameHead => ({ key, seq, hash, ...(forked.has(key) ? { forked: true } : {}) })), more: heads.length === headsPage };
}

async function rangeOf(request: RangeRequest, needs: SyncServerNeeds): Promise<Range> {
  const { key, from } = request;
  const limit = request.limit ?? rangeRecords;
  const records: Range['records'] = [];
  let bytes = 0;
  let more = false;
  while (records.length < limit && !more) {
    const page = await needs.logs.read(key, from + records.length, Math.min(readPage, limit - records.length));
    for (const { record } of page) {
      bytes += frameCost(record);
      more = bytes > maxRecordBytes;
      if (more) break;
      records.push(toFrame(record));
    }
    if (page.length === 0) break;
  }
  const head = await needs.logs.head(key);
  const last = from + records.length - 1;
  if (head !== undefined && last < head.seq && records.length > 0) more = true;
  const fork = more ? undefined : await needs.logs.fork(key);
  return { t: 'range', records, more, ...(fork ? { fork: { a: toBareFrame(fork.a), b: toBareFrame(fork.b) } } : {}) };
}
