import type { FrameRecord, FrameRun } from '@souk/contracts';
import { SoukError, type KeyId, type RecordVerifier, type VerifiedRecord, type VerifiedRun } from '@souk/domain';
import { fromFrame } from './frame-record.ts';

/** The sound beginning of a run of records, and what was wrong with the first one after it: also `BAD_RECORD` for one that has no place in the run. */
export interface CheckedRun extends VerifiedRun {
  /** The record that is not sound. */
  readonly culprit?: FrameRecord;
}

/** Where a run of records is to begin. */
export interface RunPlace {
  readonly key: KeyId;
  readonly from: number;
}

/**
 * Verifies the runs of an answer, each as `verifyRun` does, all at once: many short logs are as little trouble as a long one. Only where one of
 * them is not sound each is looked at alone. Throws what the verifier throws.
 */
export async function checkRuns(runs: readonly Pick<FrameRun, 'records'>[], places: readonly RunPlace[], verifier: RecordVerifier, signal?: AbortSignal): Promise<readonly CheckedRun[]> {
  const { records, problem } = await verifier.verifyRun(runs.flatMap((run) => run.records.map(fromFrame)), signal ? { signal } : {});
  if (problem) return Promise.all(runs.map((run, index) => verifyRun(run.records, places[index] as RunPlace, verifier, signal)));
  let at = 0;
  return runs.map((run, index) => inPlace(records.slice(at, (at += run.records.length)), places[index] as RunPlace, run.records));
}

/** Verifies records that a peer says are `key`'s from seq `from` on, without holding up the event loop. Throws what the verifier throws. */
export async function verifyRun(frames: readonly FrameRecord[], place: RunPlace, verifier: RecordVerifier, signal?: AbortSignal): Promise<CheckedRun> {
  const { records, problem } = await verifier.verifyRun(frames.map(fromFrame), signal ? { signal } : {});
  const run = inPlace(records, place, frames);
  return run.problem || !problem ? run : { records, problem, ...culprit(frames, records.length) };
}

/** What of sound records belongs where it was asked for. */
function inPlace(records: readonly VerifiedRecord[], { key, from }: RunPlace, frames: readonly FrameRecord[]): CheckedRun {
  const strays = records.findIndex((record, index) => record.key !== key || record.fields.seq !== from + index);
  if (strays !== -1) {
    const stray = records[strays] as (typeof records)[number];
    const wrong = new SoukError('BAD_RECORD', `The peer sent record ${stray.fields.seq} of ${stray.key} where ${from + strays} of ${key} was asked for.`);
    return { records: records.slice(0, strays), problem: wrong, ...culprit(frames, strays) };
  }
  return { records };
}

function culprit(frames: readonly FrameRecord[], index: number): Pick<CheckedRun, 'culprit'> {
  const frame = frames[index];
  return frame ? { culprit: frame } : {};
}
