import type { FrameRecord } from '@souk/contracts';
import { SoukError, type KeyId, type RecordVerifier, type VerifiedRun } from '@souk/domain';
import { fromFrame } from './frame-record.ts';

/** The sound beginning of a run of records, and what was wrong with the first one after it: also `BAD_RECORD` for one that has no place in the run. */
export interface CheckedRun extends VerifiedRun {
  /** The record that is not sound. */
  readonly culprit?: FrameRecord;
}

/** Verifies records that a peer says are `key`'s from seq `from` on, without holding up the event loop. Throws what the verifier throws. */
export async function verifyRun(frames: readonly FrameRecord[], { key, from }: { readonly key: KeyId; readonly from: number }, verifier: RecordVerifier, signal?: AbortSignal): Promise<CheckedRun> {
  const { records, problem } = await verifier.verifyRun(frames.map(fromFrame), signal ? { signal } : {});
  const strays = records.findIndex((record, index) => record.key !== key || record.fields.seq !== from + index);
  if (strays !== -1) {
    const stray = records[strays] as (typeof records)[number];
    const wrong = new SoukError('BAD_RECORD', `The peer sent record ${stray.fields.seq} of ${stray.key} where ${from + strays} of ${key} was asked for.`);
    return { records: records.slice(0, strays), problem: wrong, ...culprit(frames, strays) };
  }
  return problem ? { records, problem, ...culprit(frames, records.length) } : { records };
}

function culprit(frames: readonly FrameRecord[], index: number): Pick<CheckedRun, 'culprit'> {
  const frame = frames[index];
  return frame ? { culprit: frame } : {};
}
