import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FrameRecord } from '@souk/contracts';
import { isSoukError, SoukError, verify, type KeyId, type VerifiedRecord } from '@souk/domain';
import { fromFrame } from './frame-record.ts';

/** Signatures checked before other work gets its turn: some 5 ms. */
const perTurn = 64;

/** The sound beginning of a run of records, and what was wrong with the first one after it. */
export interface VerifiedRun {
  readonly records: readonly VerifiedRecord[];
  /** UPGRADE_NEEDED, BAD_RECORD or BAD_SIGNATURE; undefined when all are sound. */
  readonly problem?: SoukError;
  /** The record that is not sound. */
  readonly culprit?: FrameRecord;
}

/** Verifies records that a peer says are `key`'s from seq `from` on, without holding up the event loop. */
export async function verifyRun(frames: readonly FrameRecord[], key: KeyId, from: number): Promise<VerifiedRun> {
  const records: VerifiedRecord[] = [];
  for (const frame of frames) {
    if (records.length > 0 && records.length % perTurn === 0) await nextTurn();
    try {
      const record = verify(fromFrame(frame));
      if (record.key !== key || record.fields.seq !== from + records.length) throw new SoukError('BAD_RECORD', `The peer sent record ${record.fields.seq} of ${record.key} where ${from + records.length} of ${key} was asked for.`);
      records.push(record);
    } catch (error) {
      if (!isSoukError(error)) throw error;
      return { records, problem: error, culprit: frame };
    }
  }
  return { records };
}
