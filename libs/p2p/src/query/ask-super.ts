import type { FrameRecord, QueryFrame } from '@souk/contracts';
import { SoukError, type RecordVerifier, type VerifiedRecord } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import type { StepOptions } from '../frame/frame-stream.ts';
import { frameCost, fromFrame } from '../sync/frame-record.ts';
import type { Found, Question } from './query-server.ts';

/** What a super-peer answered: nothing of it but its records is proven. */
export interface SuperAnswer {
  readonly superPeer: string;
  /** Verified; what they say together is for whoever asked to find out. */
  readonly records: readonly VerifiedRecord[];
  /** Of a search. */
  readonly found?: Found;
  /** Names of the question that did not fit into the answer. */
  readonly later: readonly string[];
}

/** What asking needs. */
export interface AskNeeds {
  readonly superPeer: string;
  /** Most bytes of records that an answer may have. */
  readonly maxBytes: number;
  readonly verifier: RecordVerifier;
  /** Hears of a record that is not sound. */
  onUnsound(culprit: FrameRecord): void;
}

/** Asks one question. Throws what the channel throws, BAD_FRAME for an answer beyond the bounds or to another question, and `onUnsound`'s error after telling it of the first record that is not sound. */
export function askSuper(channel: Channel<QueryFrame>, question: Question, needs: AskNeeds, step: StepOptions): Promise<SuperAnswer> {
  return channel.asks(question.t, () => answerOf(channel, question, needs, step));
}

async function answerOf(channel: Channel<QueryFrame>, question: Question, needs: AskNeeds, step: StepOptions): Promise<SuperAnswer> {
  const { superPeer, maxBytes, verifier } = needs;
  await channel.send(question, step);
  const found = question.t === 'search?' ? foundOf(await channel.expect('found', step)) : undefined;
  const records: VerifiedRecord[] = [];
  for (let bytes = 0; ; ) {
    const frame = await channel.expect('records', step);
    if (frame.more && frame.records.length === 0) throw new SoukError('BAD_FRAME', 'The super-peer announced records and sent none.');
    bytes += frame.records.reduce((sum, one) => sum + frameCost(one), 0);
    if (bytes > maxBytes * 2) throw new SoukError('BAD_FRAME', 'The super-peer sent more than an answer may have.');
    const run = await verifier.verifyRun(frame.records.map(fromFrame), step.signal ? { signal: step.signal } : {});
    if (run.problem) {
      if (run.problem.code !== 'UPGRADE_NEEDED') needs.onUnsound(frame.records[run.records.length] as FrameRecord);
      throw run.problem;
    }
    records.push(...run.records);
    if (!frame.more) return { superPeer, records, ...(found ? { found } : {}), later: laterOf(question, frame.later ?? []) };
  }
}

/** A super-peer may leave some of the names for later, but not all of them: else it would be asked for ever. */
function laterOf(question: Question, later: readonly string[]): readonly string[] {
  if (later.length === 0) return later;
  const asked: readonly string[] = question.t === 'packages?' ? question.names : [];
  if (later.length < asked.length && later.every((name) => asked.includes(name))) return later;
  throw new SoukError('BAD_FRAME', 'The super-peer left names for later that it was not asked for, or all of them.');
}

function foundOf({ t: _t, trace: _trace, ...found }: Extract<QueryFrame, { t: 'found' }>): Found {
  return found;
}
