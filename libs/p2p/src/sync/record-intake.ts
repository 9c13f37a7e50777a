import { isSoukError, type Appended, type ForkProof, type KeyId, type LogStore, type SoukError, type StoredRecord, type VerifiedRecord } from '@souk/domain';
import type { FollowedLogs } from '../follow/followed-logs.ts';

/** What became of records that others sent. */
export interface IntakeResult {
  readonly added: readonly StoredRecord[];
  /** Logs whose records were not taken, and why: STALE_HEAD (a gap or another branch) or FORKED_LOG. */
  readonly refused: ReadonlyMap<KeyId, SoukError>;
}

/** Who hears of what was taken. */
export interface IntakeEvents {
  /** `source`: the peer that brought them. */
  records(stored: readonly StoredRecord[], source: string): void;
  forks(proofs: readonly ForkProof[]): void;
}

/** The only way in which records of others reach the logs: one append at a time, so that what waits for the disk is appended together. */
export class RecordIntake {
  readonly #logs: LogStore;
  readonly #follows: Pick<FollowedLogs, 'listed'> | undefined;
  readonly #events: IntakeEvents;
  #last: Promise<unknown> = Promise.resolve();

  constructor(needs: { readonly logs: LogStore; readonly follows?: Pick<FollowedLogs, 'listed'> | undefined }, events: IntakeEvents) {
    this.#logs = needs.logs;
    this.#follows = needs.follows;
    this.#events = events;
  }

  /**
   * Appends verified records of logs that are followed, each log's in ascending seq. A log that can't be appended is refused and the others go on.
   * What is added is on disk when this resolves. Throws what the store throws for reasons of its own, such as STORAGE_FULL.
   */
  take(records: readonly VerifiedRecord[], source: string): Promise<IntakeResult> {
    const turn = this.#last.then(() => this.#take(records, source));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #take(brought: readonly VerifiedRecord[], source: string): Promise<IntakeResult> {
    const records = await this.#followed(brought);
    const added: StoredRecord[] = [];
    const refused = new Map<KeyId, SoukError>();
    if (records.length === 0) return { added, refused };
    const whole = await this.#append(records, source);
    if (!isSoukError(whole)) return { added: whole.added, refused };
    for (const run of Map.groupBy(records, (record) => record.key).values()) {
      const result = await this.#appendRun(run, source);
      added.push(...result.added);
      if (result.refusal) refused.set(result.refusal.key, result.refusal.error);
    }
    return { added, refused };
  }

  /** Those of logs that are followed here; others are left out, whoever brings them. */
  async #followed(records: readonly VerifiedRecord[]): Promise<readonly VerifiedRecord[]> {
    const listed = this.#follows?.listed();
    if (!listed) return records;
    const kept: VerifiedRecord[] = [];
    for (const [key, run] of Map.groupBy(records, (record) => record.key)) if (listed.has(key) || (await this.#logs.head(key)) !== undefined) kept.push(...run);
    return kept;
  }

  /** Appends as much of one log's records as continues it. */
  async #appendRun(run: readonly VerifiedRecord[], source: string): Promise<{ added: readonly StoredRecord[]; refusal?: { key: KeyId; error: SoukError } }> {
    const whole = await this.#append(run, source);
    if (!isSoukError(whole)) return { added: whole.added };
    const added: StoredRecord[] = [];
    for (const record of run) {
      const one = await this.#append([record], source);
      if (isSoukError(one)) return { added, refusal: { key: record.key, error: one } };
      added.push(...one.added);
    }
    return { added };
  }

  async #append(records: readonly VerifiedRecord[], source: string): Promise<Appended | SoukError> {
    let appended: Appended;
    try {
      appended = await this.#logs.append(records);
    } catch (error) {
      if (isSoukError(error) && (error.code === 'STALE_HEAD' || error.code === 'FORKED_LOG')) return error;
      throw error;
    }
    if (appended.added.length > 0) this.#events.records(appended.added, source);
    if (appended.forks.length > 0) this.#events.forks(appended.forks);
    return appended;
  }
}
