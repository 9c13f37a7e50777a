import { maxSync, type FrameRecord, type QueryFrame } from '@souk/contracts';
import { SoukError, type FollowList, type RateQuota, type SignedRecord } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import { underTrace, type TraceHook } from '../frame/trace-hook.ts';
import type { LookupLimits } from '../lookup/lookup-limits.ts';
import type { Slots } from '../node/slots.ts';
import { orAbort } from '../node/waiting.ts';
import { frameCost, maxRecordBytes, toFrame } from '../sync/frame-record.ts';

/** What one page of a search found, without its records. */
export type Found = Omit<Extract<QueryFrame, { t: 'found' }>, 't' | 'trace'>;

/** Records that prove an answer, and which names of the question are left for another one. */
export interface Evidence {
  readonly records: readonly SignedRecord[];
  readonly later?: readonly string[];
}

/** What a super-peer answers from. Each answer has at most `maxBytes` of records, by `frameCost`; the signal ends the work for it. */
export interface QuerySource {
  /** Everything that says something about packages. */
  packages(names: readonly string[], options: SourceOptions): Promise<Evidence>;
  /** One page of a search, and the newest release of each hit. */
  search(query: SearchQuestion['query'], options: SourceOptions): Promise<Evidence & { readonly found: Found }>;
  /** What shows which logs a list means. */
  followed(list: FollowList, options: SourceOptions): Promise<Evidence>;
}

/** Bounds of one answer. */
export interface SourceOptions {
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

type SearchQuestion = Extract<QueryFrame, { t: 'search?' }>;
/** What a super-peer is asked. */
export type Question = Extract<QueryFrame, { t: 'packages?' | 'search?' | 'follow?' }>;

/** What serving needs. */
export interface QueryServerNeeds {
  readonly source: QuerySource;
  /** What one peer, and all of one address group together, may ask. */
  readonly quotas: { readonly peer: RateQuota; readonly group: RateQuota };
  /** Answers that are made at once: each may take `queryBytes` of memory. */
  readonly slots: Slots;
  readonly limits: LookupLimits;
  readonly trace?: TraceHook | undefined;
  now(): number;
}

/** Answers one peer's `/souk/query/1` stream until it ends. Throws what the channel throws, RATE_LIMITED, BAD_FRAME, and what the source throws. */
export async function serveQuery(channel: Channel<QueryFrame>, asker: { readonly peer: string; readonly group: string }, needs: QueryServerNeeds, signal: AbortSignal): Promise<void> {
  const { limits, slots, trace } = needs;
  for (;;) {
    const frame = await channel.receive({ timeoutMs: limits.answerMs, signal });
    if (frame === undefined) return;
    if (!isQuestion(frame)) throw new SoukError('BAD_FRAME', `The peer sent "${frame.t}", which is an answer, without being asked.`);
    charge(asker, costOf(frame), needs);
    const own = AbortSignal.any([signal, AbortSignal.timeout(limits.answerMs)]);
    await underTrace(trace, channel, frame, () => slots.run(async () => send(channel, await orAbort(answerTo(frame, needs, own), own, 'Answering'), { timeoutMs: limits.answerMs, signal: own }), own));
  }
}

function isQuestion(frame: QueryFrame): frame is Question {
  return frame.t === 'packages?' || frame.t === 'search?' || frame.t === 'follow?';
}

/** In packages: a search page and an entry of a list are a few. */
function costOf(question: Question): number {
  if (question.t === 'packages?') return question.names.length;
  return question.t === 'search?' ? 5 : 5 + question.names.length + question.publishers.length;
}

function charge({ peer, group }: { readonly peer: string; readonly group: string }, amount: number, { quotas, now }: QueryServerNeeds): void {
  const at = now();
  if (quotas.peer.take(peer, amount, at) && quotas.group.take(group, amount, at)) return;
  throw new SoukError('RATE_LIMITED', 'Too many questions at once.', { hint: 'Ask more slowly, or another super-peer.' });
}

async function answerTo(question: Question, { source, limits }: QueryServerNeeds, signal: AbortSignal): Promise<Evidence & { readonly found?: Found }> {
  const options = { maxBytes: limits.queryBytes, signal };
  if (question.t === 'packages?') return source.packages(question.names, options);
  return question.t === 'search?' ? source.search(question.query, options) : source.followed(question, options);
}

async function send(channel: Channel<QueryFrame>, { found, records, later }: Evidence & { readonly found?: Found }, step: { readonly timeoutMs: number; readonly signal: AbortSignal }): Promise<void> {
  if (found) await channel.send({ t: 'found', ...found }, step);
  for (let at = 0; ; ) {
    const some: FrameRecord[] = [];
    for (let bytes = 0; at < records.length && some.length < maxSync.records; at += 1) {
      const record = records[at] as SignedRecord;
      bytes += frameCost(record);
      if (some.length > 0 && bytes > maxRecordBytes) break;
      some.push(toFrame(record));
    }
    const more = at < records.length;
    await channel.send({ t: 'records', records: some, more, ...(more || !later?.length ? {} : { later: [...later] as never }) }, step);
    if (!more) return;
  }
}
