import type { FrameRecord } from '@souk/contracts';
import { isSoukError, parseRecord, sameBytes, type LogStore, type RecordVerifier } from '@souk/domain';
import type { ChargedIntake } from '../sync/charged-intake.ts';
import { fromFrame } from '../sync/frame-record.ts';

/** What taking pushed records needs. */
export interface PushedRecordsNeeds {
  readonly logs: Pick<LogStore, 'head' | 'read' | 'fork'>;
  readonly intake: ChargedIntake;
  readonly verifier: RecordVerifier;
  /** Asks a peer for what it has, because it knows of a record that can't be appended here yet. */
  ask(peer: string): void;
  /** Hears of a record that the peer should not have sent. */
  blame(peer: string, culprit: FrameRecord): void;
}

/**
 * Takes records that a peer pushed: those that are not held yet, verified, on its account. Throws BAD_RECORD or BAD_SIGNATURE after taking what
 * came before the first that is not sound, and what verifier and store throw for reasons of their own.
 */
export async function takePushed(peer: string, frames: readonly FrameRecord[], { logs, intake, verifier, ask, blame }: PushedRecordsNeeds): Promise<void> {
  const fresh: FrameRecord[] = [];
  for (const frame of frames) if (await isNews(frame, logs)) fresh.push(frame);
  if (fresh.length === 0) return;
  const { records, problem } = await verifier.verifyRun(fresh.map(fromFrame));
  if (records.length > 0) {
    const { refused } = await intake.from(peer).take(records);
    if ([...refused.values()].some((one) => one.code === 'STALE_HEAD')) ask(peer);
  }
  // A log of a later version is stopped by sync, which tells of it.
  if (problem?.code === 'UPGRADE_NEEDED') ask(peer);
  else if (problem) {
    blame(peer, fresh[records.length] as FrameRecord);
    throw problem;
  }
}

/** Whether a record is not held here yet, as far as can be told without its signature: another super-peer may have pushed it a moment ago. */
async function isNews(frame: FrameRecord, logs: PushedRecordsNeeds['logs']): Promise<boolean> {
  try {
    const { key, hash, fields } = parseRecord(fromFrame(frame));
    if (await logs.fork(key)) return false;
    const head = await logs.head(key);
    if (!head || head.seq < fields.seq) return true;
    const [held] = await logs.read(key, fields.seq, 1);
    return held === undefined || !sameBytes(held.record.hash, hash);
  } catch (error) {
    // What can't be parsed is for the verifier to judge.
    if (isSoukError(error) && ['BAD_RECORD', 'UPGRADE_NEEDED'].includes(error.code)) return true;
    throw error;
  }
}
