import { readFact, SoukError, subject, type Introduction, type IntroductionBudget, type KeyId, type LogStore, type SoukError as Refusal, type VerifiedRecord } from '@souk/domain';
import type { PeerLog } from '../node/peer-log.ts';
import { frameCost } from './frame-record.ts';
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
}

/** How long a peer that spends too much is not named in the log again, in milliseconds, and how many are remembered for that. */
const quietMs = 3_600_000;
const maxNamed = 1000;
/** New logs that were paid for, remembered until their records are here: each is charged once, however many of its records come at once or out of order. */
const maxBegun = 10_000;

/** Takes records of others on the account of whoever introduces them: what is new here is charged to it, and what it can't pay for waits. */
export class ChargedIntake {
  readonly #needs: ChargedIntakeNeeds;
  readonly #namedAt = new Map<string, number>();
  readonly #paid = new WeakSet<VerifiedRecord>();
  readonly #begun = new Set<KeyId>();
  /** One after the other, so that two do not bring the same news at once. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(needs: ChargedIntakeNeeds) {
    this.#needs = needs;
  }

  /** The intake of what a peer sends. */
  from(peer: string): PeerIntake {
    const { budget, intake } = this.#needs;
    if (!budget) return { take: (records) => intake.take(records, peer), pay: async () => true, admits: () => true };
    return { take: (records) => this.#inTurn(() => this.#take(peer, records, budget)), pay: (record) => this.#pay(peer, record, budget), admits: (isNewLog) => this.#admits(peer, isNewLog, budget) };
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
    // Whether the log is paid for is looked at last: several of its records may be judged side by side.
    const cost = { ...(await this.#sizeOf([record], new Set())), logs: this.#newLogs(record.key, next) };
    if (!budget.charge(peer, cost, this.#needs.now())) {
      this.#tell(peer, 1);
      return false;
    }
    this.#paid.add(record);
    if (cost.logs > 0) this.#begin(record.key);
    return true;
  }

  #begin(key: KeyId): void {
    const [oldest] = this.#begun;
    if (this.#begun.size >= maxBegun && oldest !== undefined) this.#begun.delete(oldest);
    this.#begun.add(key);
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
      if (budget.charge(peer, await this.#costOf(key, run, names), this.#needs.now())) paid.push(...run);
      else waiting.set(key, new SoukError('RATE_LIMITED', `The log ${key} waits: the peer ${peer} has introduced too much today.`));
    }
    if (waiting.size > 0) this.#tell(peer, waiting.size);
    const { added, refused } = await this.#needs.intake.take(paid, peer);
    return { added, refused: new Map([...refused, ...waiting]) };
  }

  /** What is new in one log's records. Those that do not continue what is held cost nothing: they are not kept. */
  async #costOf(key: KeyId, run: readonly VerifiedRecord[], names: Set<string>): Promise<Introduction> {
    const next = await this.#nextOf(key);
    const news = run.filter((record) => record.fields.seq >= next);
    if (news[0]?.fields.seq !== next) return { logs: 0, names: 0, bytes: 0 };
    return { logs: this.#newLogs(key, next), ...(await this.#sizeOf(news.filter((one) => !this.#paid.has(one)), names)) };
  }

  #newLogs(key: KeyId, next: number): number {
    return next === 0 && !this.#begun.has(key) ? 1 : 0;
  }

  async #sizeOf(news: readonly VerifiedRecord[], names: Set<string>): Promise<Omit<Introduction, 'logs'>> {
    const size = { names: 0, bytes: 0 };
    for (const record of news) {
      size.bytes += frameCost(record);
      const name = releasedName(record);
      if (name === undefined || names.has(name)) continue;
      names.add(name);
      if ((await this.#needs.logs.about(subject.ofPackage(name), 0, 1)).length === 0) size.names += 1;
    }
    return size;
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

function releasedName(record: VerifiedRecord): string | undefined {
  try {
    const fact = readFact(record);
    return fact?.kind === 'release' ? fact.body.name : undefined;
  } catch {
    return undefined;
  }
}
