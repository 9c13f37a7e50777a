import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { storeClosed } from '@souk/domain';
import { busyTimeoutMs } from './database.ts';
import { isBusy, storageError } from './storage-error.ts';

/** What is told of each transaction that changed something. */
export interface Commit {
  /** How many calls shared it. */
  readonly jobs: number;
}

/** How a `GroupCommit` works. */
export interface GroupCommitOptions {
  /** What is written, for messages, as in "log store". */
  readonly store: string;
  /** Most weight of one transaction, so that a commit does not hold up the event loop for long. A single heavier job still runs alone. */
  readonly maxWeight: number;
  readonly onCommit?: (commit: Commit) => void;
}

/** After how long a group tries again that found another thread writing, in milliseconds. */
const retryMs = 2;

interface Job {
  readonly weight: number;
  readonly work: () => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes to one database so that calls which arrive together share one transaction, hence one fsync (group commit).
 * Each job runs in a savepoint: when it throws, only its own writes are undone. A promise settles after the commit, never before.
 */
export class GroupCommit {
  readonly #db: DatabaseSync;
  readonly #options: GroupCommitOptions;
  readonly #totalChanges: StatementSync;
  #waiting: Job[] = [];
  #timer: NodeJS.Immediate | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(db: DatabaseSync, options: GroupCommitOptions) {
    this.#db = db;
    this.#options = options;
    this.#totalChanges = db.prepare('SELECT total_changes() AS changes');
  }

  /** Runs `work` in the next transaction; `weight` is its size in rows. Rejects with what it threw, or with why the commit failed. */
  run<T>(work: () => T, weight = 1): Promise<T> {
    if (this.#closed) return Promise.reject(storeClosed(this.#options.store));
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ weight, work, resolve, reject });
      this.#schedule();
    });
  }

  /** Commits what is waiting and takes no more. */
  close(): void {
    this.#closed = true;
    clearImmediate(this.#timer);
    clearTimeout(this.#retry);
    while (this.#waiting.length > 0) this.#commit('wait');
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#retry !== undefined || this.#waiting.length === 0) return;
    this.#timer = setImmediate(() => {
      this.#timer = undefined;
      this.#commit('later');
      this.#schedule();
    });
  }

  /** Another thread's transaction would hold up this one's event loop: those that wait for it stay in the queue. */
  #postpone(jobs: readonly Job[]): void {
    this.#waiting.unshift(...jobs);
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#schedule();
    }, retryMs);
  }

  /** Begins the transaction, or tells that another connection is writing. */
  #begins(ifBusy: 'wait' | 'later'): boolean {
    try {
      this.#db.exec(ifBusy === 'wait' ? 'BEGIN IMMEDIATE' : 'PRAGMA busy_timeout = 0; BEGIN IMMEDIATE');
      return true;
    } catch (error) {
      if (ifBusy === 'later' && isBusy(error)) return false;
      throw error;
    } finally {
      if (ifBusy === 'later') this.#db.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
    }
  }

  #commit(ifBusy: 'wait' | 'later'): void {
    const jobs = this.#nextGroup();
    const settlements: (() => void)[] = [];
    const before = this.#changes();
    try {
      if (!this.#begins(ifBusy)) return this.#postpone(jobs);
      for (const job of jobs) settlements.push(this.#runJob(job));
      this.#db.exec('COMMIT');
    } catch (error) {
      this.#rollBack();
      const failure = storageError(error, `Writing to the ${this.#options.store}`);
      for (const job of jobs) job.reject(failure);
      return;
    }
    for (const settle of settlements) settle();
    if (this.#changes() > before) this.#options.onCommit?.({ jobs: jobs.length });
  }

  #nextGroup(): Job[] {
    let weight = 0;
    let count = 0;
    for (const job of this.#waiting) {
      weight += job.weight;
      if (count > 0 && weight > this.#options.maxWeight) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  /** Runs one job in its savepoint and returns how it settles once the group is committed. Throws when the transaction itself is lost. */
  #runJob(job: Job): () => void {
    this.#db.exec('SAVEPOINT job');
    try {
      const value = job.work() as never;
      this.#db.exec('RELEASE job');
      return () => job.resolve(value);
    } catch (error) {
      // SQLite ends the whole transaction by itself for some errors, a full disk among them.
      if (!this.#db.isTransaction) throw error;
      this.#db.exec('ROLLBACK TO job; RELEASE job');
      return () => job.reject(storageError(error, `Writing to the ${this.#options.store}`));
    }
  }

  #rollBack(): void {
    try {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
    } catch {
      // What led here is reported; a transaction that stays open makes every later BEGIN fail, which is reported there.
    }
  }

  #changes(): number {
    return Number(this.#totalChanges.get()?.['changes']);
  }
}
