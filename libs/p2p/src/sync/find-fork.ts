import type { FrameRecord, SyncFrame } from '@souk/contracts';
import { sameBytes, type KeyId, type LogStore, type RecordVerifier, type SoukError, type VerifiedRecord } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import type { StepOptions } from '../frame/frame-stream.ts';
import { verifyRun } from './verify-run.ts';

/** What a search for a fork found: the peer's record at the first seq in which both sides differ, or why there is none. */
export interface FoundFork {
  readonly record?: VerifiedRecord;
  readonly problem?: SoukError;
  readonly culprit?: FrameRecord;
}

/**
 * Finds the first record in which the peer's branch of a log differs from ours. Each record names the one before it by hash,
 * so what is equal at one seq is equal below it, and log2(seq) questions are enough.
 */
export async function findFork(channel: Channel<SyncFrame>, log: { readonly key: KeyId; readonly differsAt: number }, { logs, verifier }: { readonly logs: Pick<LogStore, 'read'>; readonly verifier: RecordVerifier }, step: StepOptions): Promise<FoundFork> {
  let low = 0;
  let high = log.differsAt;
  let found: FoundFork = {};
  while (low <= high) {
    const seq = (low + high) >>> 1;
    await channel.send({ t: 'records?', logs: [{ key: log.key, from: seq, limit: 1 }] }, step);
    const { runs } = await channel.expect('records', step);
    const run = await verifyRun((runs[0]?.records ?? []).slice(0, 1), { key: log.key, from: seq }, verifier, step.signal);
    if (run.problem) return { problem: run.problem, ...(run.culprit ? { culprit: run.culprit } : {}) };
    const [theirs] = run.records;
    const [ours] = await logs.read(log.key, seq, 1);
    if (theirs === undefined || ours === undefined || ours.record.fields.seq !== seq) return found;
    if (sameBytes(theirs.hash, ours.record.hash)) low = seq + 1;
    else {
      high = seq - 1;
      found = { record: theirs };
    }
  }
  return found;
}
