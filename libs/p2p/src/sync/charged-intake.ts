import { readFact, SoukError, subject, type IntroductionBudget, type KeyId, type LogStore, type SoukError as Refusal, type VerifiedRecord } from '@souk/domain';
import type { PeerLog } from '../node/peer-log.ts';
import { frameCost } from './frame-record.ts';
import { RecentSet } from './recent-set.ts';
import type { IntakeResult, RecordIntake } from './record-intake.ts';

/** What charging needs. */
export interface ChargedIntakeNeeds {
  readonly logs: LogStore;
  readonly intake: RecordIntake;
  /** Nothing is charged without one. */
  readonly budget?: IntroductionBudget | undefined;
  readonly now: () => number;
  readonly log: PeerLog;
  /** Hears each time that records of so many logs have to wait because their introducer has spent its budget. */
  deferred(peer: string, logs: number): void;
}

/** How one peer's records are taken. */
export interface PeerIntake {
  /** As `RecordIntake.take`, with RATE_LIMITED for logs whose records this peer may not introduce now. */
  take(records: readonly VerifiedRecord[]): Promise<IntakeResult>;
  /**
   * Charges the peer for a record before it is taken, so that what it can't pay for is not passed on either; false then. One with a gap before it can't be
   * kept yet, but costs everybody whom it is passed on to as much as one without.
   */
  pay(record: VerifiedRecord): Promise<boolean>;
  /** Whether it is of any use to ask this peer for records of a log that is held here, or for a new log. */
  admits(isNewLog: boolean): boolean;
  /** Whether it is of any use to verify one more record of a log that this peer sent: what it can't pay for is dropped in any case. */
  admitsNext(key: KeyId): Promise<boolean>;
}

/** Records of one log that are not held yet, and the place that is free there. */
interface NewRecords {
  readonly key: KeyId;
  readonly next: number;
  readonly news: readonly VerifiedRecord[];
}

/** How long a peer that spends too much is not named in the log again, in milliseconds, and how many are remembered for that. */
const quietMs = 3_600_000;
const maxNamed = 1000;
/** New logs and records that were paid for, remembered until they are here: each is charged once, however many come at once or out of order, and by whatever way they come again. */
const maxPaid = 10_000;

/** Takes records of others on the account of whoever introduces them: what is new here is charged to it, and what it can't pay for waits. */
export class ChargedIntake {
  readonly #needs: ChargedIntakeNeeds;
  readonly #namedAt = new Map<string, number>();
  /** Hashes of records, and keys of logs. */
  readonly #paid = new RecentSet(maxPaid);
  readonly #begun = new RecentSet(maxPaid);
  /** One after the other, so that two do not bring the same news at once. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(needs: ChargedIntakeNeeds) {
    this.#needs = needs;
  }

  /** The intake of what a peer sends. */
  from(peer: string): PeerIntake {
    const { budget, intake } = this.#needs;
    if (!budget) return { take: (records) => intake.take(records, peer), pay: async () => true, admits: () => true, admitsNext: async () => true };
    return {
      take: (records) => this.#inTurn(() => this.#take(peer, records, budget)),
      pay: (record) => this.#pay(peer, record, budget),
      admits: (isNewLog) => this.#admits(peer, isNewLog, budget),
      admitsNext: async (key) => this.#admits(peer, this.#newLogs(key, await this.#nextOf(key)) > 0, budget),
    };
  }

  #admits(peer: string, isNewLog: boolean, budget: IntroductionBudget): boolean {
    const admitted = budget.admits(peer, isNewLog, this.#needs.now());
    if (!admitted) this.#tell(peer, 1);
    return admitted;
  }

  async #pay(peer: string, record: VerifiedRecord, budget: IntroductionBudget): Promise<boolean> {
    const next = await this.#nextOf(record.key);
    // Of a place that is taken it is the other half of a fork, which closes the log: there is no second one.
    if (record.fields.seq < next) return budget.admits(peer, false, this.#needs.now());
    if (await this.#charge(peer, { key: record.key, next, news: [record] }, new Set(), budget)) return true;
    this.#tell(peer, 1);
    return false;
  }

  /** Charges a peer for what is new of one log, but for what was paid for before; and remembers that. */
  async #charge(peer: string, { key, next, news }: NewRecords, names: Set<string>, budget: IntroductionBudget): Promise<boolean> {
    const newNames = await this.#newNames(news, names);
    // What is paid for is looked at after everything that is waited for: several records of the log, and copies of them, may be judged side by side.
    const unpaid = news.filter((record) => !this.#paid.has(hashOf(record)));
    const cost = { logs: this.#newLogs(key, next), names: unpaid.length > 0 ? newNames : 0, bytes: unpaid.reduce((sum, record) => sum + frameCost(record), 0) };
    if (!budget.charge(peer, cost, this.#needs.now())) return false;
    if (cost.logs > 0) this.#begun.add(key);
    // Whoever pays for a header alone has not paid for the body.
    for (const record of unpaid) if (record.body !== undefined) this.#paid.add(hashOf(record));
    return true;
  }

  async #nextOf(key: KeyId): Promise<number> {
    return ((await this.#needs.logs.head(key))?.seq ?? -1) + 1;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #take(peer: string, records: readonly VerifiedRecord[], budget: IntroductionBudget): Promise<IntakeResult> {
    const paid: VerifiedRecord[] = [];
    const waiting = new Map<KeyId, Refusal>();
    const names = new Set<string>();
    for (const [key, run] of Map.groupBy(records, (record) => record.key)) {
      if (await this.#charge(peer, await this.#newOf(key, run), names, budget)) paid.push(...run);
      else waiting.set(key, new SoukError('RATE_LIMITED', `The log ${key} waits: the peer ${peer} has introduced too much today.`));
    }
    if (waiting.size > 0) this.#tell(peer, waiting.size);
    const { added, refused } = await this.#needs.intake.take(paid, peer);
    return { added, refused: new Map([...refused, ...waiting]) };
  }

  /** What is new in one log's records. Those that do not continue what is held are not kept, and cost nothing. */
  async #newOf(key: KeyId, run: readonly VerifiedRecord[]): Promise<NewRecords> {
    const next = await this.#nextOf(key);
    const news = run.filter((record) => record.fields.seq >= next);
    return news[0]?.fields.seq === next ? { key, next, news } : { key, next: Infinity, news: [] };
  }

  #newLogs(key: KeyId, next: number): number {
    return next === 0 && !this.#begun.has(key) ? 1 : 0;
  }

  /** How many names that nobody here had heard of the records bring; they are heard of from then on. */
  async #newNames(news: readonly VerifiedRecord[], heard: Set<string>): Promise<number> {
    let count = 0;
    for (const record of news) {
      const name = releasedName(record);
      if (name === undefined || heard.has(name)) continue;
      heard.add(name);
      if ((await this.#needs.logs.about(subject.ofPackage(name), 0, 1)).length === 0) count += 1;
    }
    return count;
  }

  #tell(peer: string, logs: number): void {
    const { deferred, log, now } = this.#needs;
    deferred(peer, logs);
    if (now() - (this.#namedAt.get(peer) ?? -Infinity) < quietMs) return;
    const oldest = this.#namedAt.keys().next().value;
    if (this.#namedAt.size >= maxNamed && oldest !== undefined) this.#namedAt.delete(oldest);
    this.#namedAt.set(peer, now());
    log.warn('a peer introduces more than its budget; what it brings waits', { peer, logs });
  }
}

function hashOf({ hash }: VerifiedRecord): string {
  return Buffer.from(hash).toString('latin1');
}

function releasedName(record: VerifiedRecord): string | undefined {
  try {
    const fact = readFact(record);
    return fact?.kind === 'release' ? fact.body.name : undefined;
  } catch {
    return undefined;
  }
}
