import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { planAppend, requireWhole, sameMark, storeClosed, subjectOf } from '@souk/domain';
import type { Appended, ArrivedHead, ArrivedSubject, ForkProof, Head, HeldLogs, KeyId, LogStore, OrderMark, OrderSlice, StoredRecord, VerifiedRecord } from '@souk/domain';
import { joinDatabase, openDatabase, type DatabaseOptions } from './database.ts';
import { makeFolder } from './durable-file.ts';
import { GroupCommit, type Commit } from './group-commit.ts';
import { KnownRecords } from './known-records.ts';
import { logMigrations, prepareLogStatements, type ForkRow, type LogStatements, type RecordRow } from './log-tables.ts';
import { damaged, parsed, proof } from './record-rows.ts';
import { sqlite } from './sqlite.ts';
import { storing, storingSync } from './storage-error.ts';

/** What a log store needs from outside. */
export interface LogStoreOptions {
  /** Milliseconds since 1970; the system's clock by default. */
  readonly now?: () => number;
  /** Told after each transaction that changed something: how many appends shared its fsync. */
  readonly onCommit?: (commit: Commit) => void;
  /** Whether threads of this process may join (`joinLogStore`); the caller then keeps other processes away. */
  readonly joinable?: boolean;
}

/** Most records in one transaction when several appends share it: about 20 ms on a slow core. */
const maxRecordsPerCommit = 256;

/** Pages that a copy takes at a time: about 2 ms, in which nothing else reads or writes. */
const copiedPages = 64;
const database: DatabaseOptions = { holds: 'logs', migrations: logMigrations, durability: 'full' };

/** Sorts after every character that a subject can have. */
const afterAll = '\u{10FFFF}';

/**
 * Opens the logs in `folder`/logs.db. The calling process owns them until `close`.
 * Throws STORAGE_LOCKED, STORAGE_VERSION, STORAGE_CORRUPT, STORAGE_DENIED, STORAGE_FULL.
 */
export async function openLogStore(folder: string, options: LogStoreOptions = {}): Promise<SqliteLogStore> {
  await storing(`Creating ${folder}`, () => makeFolder(folder));
  const db = openDatabase(join(folder, 'logs.db'), { ...database, access: options.joinable ? 'shared' : 'owned' });
  return new SqliteLogStore(db, { ...options, ...(options.joinable ? { path: join(folder, 'logs.db') } : {}) });
}

/**
 * The logs that another thread of this process has opened as `joinable`, for a worker thread: what either appends the other reads once it
 * is on disk. Its appends block the worker while the other thread writes. Throws STORAGE_VERSION, STORAGE_CORRUPT, STORAGE_DENIED.
 */
export async function joinLogStore(folder: string, options: Omit<LogStoreOptions, 'joinable'> = {}): Promise<LogStore> {
  return new SqliteLogStore(joinDatabase(join(folder, 'logs.db'), { ...database, access: 'shared' }), options);
}

/** Logs in SQLite. Write-ahead log with an fsync per group of appends: what was acknowledged survives a power failure. */
export class SqliteLogStore implements LogStore {
  readonly #db: DatabaseSync;
  readonly #now: () => number;
  readonly #sql: LogStatements;
  readonly #commits: GroupCommit;
  readonly #known = new KnownRecords();
  /** The database's path, when other connections may read it. */
  readonly #joinable: string | undefined;
  #closed = false;

  /** `path`: where the database lies, when other connections may read it. */
  constructor(db: DatabaseSync, options: LogStoreOptions & { readonly path?: string }) {
    this.#db = db;
    this.#joinable = options.path;
    this.#now = options.now ?? Date.now;
    this.#sql = prepareLogStatements(db);
    this.#commits = new GroupCommit(db, { store: 'log store', maxWeight: maxRecordsPerCommit, ...(options.onCommit ? { onCommit: options.onCommit } : {}) });
  }

  async append(records: readonly VerifiedRecord[]): Promise<Appended> {
    const appended = await this.#commits.run(() => this.#append(records), records.length);
    for (const stored of appended.added) this.#known.add(stored);
    return appended;
  }

  async head(key: KeyId): Promise<Head | undefined> {
    return this.#reading(() => this.#head(key));
  }

  async heads(after: KeyId | undefined, limit: number): Promise<readonly Head[]> {
    return this.#reading(() => this.#sql.heads.all(after ?? '', limit).map((row) => ({ key: row['key'] as KeyId, seq: row['seq'] as number, hash: row['hash'] as Uint8Array })));
  }

  async size(): Promise<{ logs: number; records: number; arrival: number }> {
    return this.#reading(() => {
      const { logs, arrival } = this.#sql.size.get() as { logs: number; arrival: number };
      // Records are never deleted and a rolled-back arrival is given again, so the newest arrival is their number.
      return { logs, records: arrival, arrival };
    });
  }

  async read(key: KeyId, from: number, limit: number): Promise<readonly StoredRecord[]> {
    return this.#reading(() => this.#stored(this.#sql.read.all(key, from, limit)));
  }

  async since(arrival: number, limit: number): Promise<readonly StoredRecord[]> {
    return this.#reading(() => this.#remembered(this.#sql.arrivalsSince.all(arrival, limit)) ?? this.#stored(this.#sql.since.all(arrival, limit)));
  }

  async headsSince(arrival: number, limit: number): Promise<readonly ArrivedHead[]> {
    return this.#reading(() => this.#sql.headsSince.all(arrival, limit).map((row) => ({ key: row['key'] as KeyId, seq: row['seq'] as number, hash: row['hash'] as Uint8Array, arrival: row['arrival'] as number })));
  }

  async subjectsSince(arrival: number, limit: number): Promise<readonly ArrivedSubject[]> {
    return this.#reading(() => this.#sql.subjectsSince.all(arrival, arrival + limit).map((row) => ({ arrival: row['arrival'] as number, ...(row['text'] === null ? {} : { subject: row['text'] as string }) })));
  }

  async about(subject: string, arrival: number, limit: number): Promise<readonly StoredRecord[]> {
    return this.#reading(() => this.#remembered(this.#sql.arrivalsAbout.all(subject, arrival, limit)) ?? this.#stored(this.#sql.about.all(subject, arrival, limit)));
  }

  async subjects(prefix: string, after: string | undefined, limit: number): Promise<readonly string[]> {
    return this.#reading(() => this.#sql.subjects.all(prefix, prefix + afterAll, after ?? '', limit).map((row) => row['text'] as string));
  }

  async forks(limit: number, after = 0): Promise<readonly ForkProof[]> {
    return this.#reading(() => this.#sql.forks.all(after, limit).map((row) => proof(row as unknown as ForkRow)));
  }

  async fork(key: KeyId): Promise<ForkProof | undefined> {
    return this.#reading(() => {
      const row = this.#sql.fork.get(key);
      return row && proof(row as unknown as ForkRow);
    });
  }

  async eraseBody(key: KeyId, seq: number): Promise<void> {
    const erased = await this.#commits.run(() => Number(this.#sql.eraseBody.run(key, seq).changes) + Number(this.#sql.eraseForkBody.run(key, seq).changes));
    const arrival = this.#reading(() => this.#sql.arrivalAt.get(key, seq)?.['arrival'] as number | undefined);
    if (arrival !== undefined) this.#known.forget(arrival);
    // secure_delete overwrites the bytes in the database; the write-ahead log still has them until it is emptied.
    if (erased > 0 && !this.#closed) storingSync('Erasing a body', () => this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)'));
  }

  async addWriters(keys: readonly KeyId[]): Promise<void> {
    await this.#commits.run(() => {
      for (const key of keys) this.#sql.addWriter.run(key);
    }, keys.length);
  }

  async writers(): Promise<readonly KeyId[]> {
    return this.#reading(() => this.#sql.writers.all().map((row) => row['key'] as KeyId));
  }

  async order(): Promise<OrderMark> {
    return this.#reading(() => this.#order());
  }

  async hashAt(arrival: number): Promise<Uint8Array | undefined> {
    return this.#reading(() => this.#sql.arrivalHash.get(arrival)?.['hash'] as Uint8Array | undefined);
  }

  async slice(after: OrderMark, limit: number): Promise<OrderSlice> {
    const records = await this.since(after.arrival, limit);
    return this.#reading(() => {
      const writers = this.#sql.writersSince.all(after.writers, limit).map((row) => row['key'] as KeyId);
      const isLast = after.arrival + records.length === this.#order().arrival;
      const forks = isLast ? this.#sql.forksSince.all(after.forks, limit).map((row) => parsed(row as unknown as RecordRow)) : [];
      return { after, records, writers, forks };
    });
  }

  async takeOver(slice: OrderSlice): Promise<OrderMark> {
    const { records, writers, forks } = slice;
    const taken = await this.#commits.run(() => this.#takeOver(slice), records.length + writers.length + forks.length + 1);
    if (taken.isNew) for (const stored of records) this.#known.add(stored);
    return taken.mark;
  }

  /**
   * Copies the logs, as they are while it runs, into a new database at `path`, while appends go on.
   * Throws STORAGE_FULL, STORAGE_DENIED, STORAGE_CORRUPT; then the file must be thrown away.
   */
  async copyTo(path: string): Promise<void> {
    if (this.#closed) throw storeClosed('log store');
    if (!this.#joinable) return void (await storing('Copying the logs', () => sqlite().backup(this.#db, path, { rate: copiedPages })));
    // What another connection writes would make the copy begin anew again and again: a transaction that reads keeps one state in sight.
    const reader = joinDatabase(this.#joinable, { ...database, access: 'shared' });
    try {
      reader.exec('BEGIN; SELECT count(*) FROM log');
      await storing('Copying the logs', () => sqlite().backup(reader, path, { rate: copiedPages }));
    } finally {
      reader.close();
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#commits.close();
    this.#closed = true;
    storingSync('Closing the logs', () => this.#db.close());
  }

  #append(records: readonly VerifiedRecord[]): Appended {
    const plan = planAppend(records, this.#held());
    const firstSeen = this.#now();
    const added = plan.add.map((record) => ({ record, arrival: this.#add(record, firstSeen), firstSeen }));
    for (const proven of plan.forks) this.#addFork(proven);
    return { added, forks: plan.forks };
  }

  #takeOver({ after, records, writers, forks }: OrderSlice): { readonly mark: OrderMark; readonly isNew: boolean } {
    const mark = this.#order();
    if (!sameMark(after, mark)) return { mark, isNew: false };
    const plan = planAppend([...records.map(({ record }) => record), ...forks], this.#held());
    for (const key of writers) this.#sql.addWriter.run(key);
    requireWhole(plan, { records, writers, forks }, this.#order().writers - mark.writers);
    for (const { record, firstSeen } of records) this.#add(record, firstSeen);
    for (const proven of plan.forks) this.#addFork(proven);
    return { mark: this.#order(), isNew: true };
  }

  #order(): OrderMark {
    const row = this.#sql.order.get() as { writers: number; forks: number; arrival: number; hash: Uint8Array | null };
    return { ...row, hash: row.hash ?? undefined };
  }

  #addFork({ key, seq, b }: ForkProof): void {
    this.#sql.addFork.run(seq, b.hash, b.header, b.signature, b.body ?? null, key);
  }

  #add(record: VerifiedRecord, firstSeen: number): number {
    const { key, hash, header, signature, body, fields } = record;
    const log = this.#sql.putHead.get(key, fields.seq, hash)?.['id'] as number;
    const { lastInsertRowid } = this.#sql.addRecord.run(log, fields.seq, hash, header, signature, this.#subject(record), firstSeen);
    if (body !== undefined) this.#sql.addBody.run(lastInsertRowid, body);
    return Number(lastInsertRowid);
  }

  #subject(record: VerifiedRecord): number | null {
    const text = subjectOf(record);
    if (text === undefined) return null;
    const { changes, lastInsertRowid } = this.#sql.addSubject.run(text);
    return changes === 1 ? Number(lastInsertRowid) : (this.#sql.subject.get(text)?.['id'] as number);
  }

  #held(): HeldLogs {
    const forked = new Map<KeyId, number | undefined>();
    return {
      head: (key) => this.#head(key),
      forkedAt: (key) => {
        if (!forked.has(key)) forked.set(key, this.#sql.forkedAt.get(key)?.['seq'] as number | undefined);
        return forked.get(key);
      },
      hashAt: (key, seq) => {
        const row = this.#sql.hashAt.get(key, seq);
        if (!row) throw damaged(`record ${seq} of ${key} is missing`);
        return row['hash'] as Uint8Array;
      },
      recordAt: (key, seq) => {
        const [held] = this.#stored(this.#sql.read.all(key, seq, 1));
        if (held?.record.fields.seq !== seq) throw damaged(`record ${seq} of ${key} is missing`);
        return held.record;
      },
    };
  }

  #head(key: KeyId): Head | undefined {
    const row = this.#sql.head.get(key);
    return row && { key, seq: row['seq'] as number, hash: row['hash'] as Uint8Array };
  }

  #remembered(rows: readonly unknown[]): StoredRecord[] | undefined {
    return this.#known.all((rows as readonly { arrival: number }[]).map(({ arrival }) => arrival));
  }

  #stored(rows: readonly unknown[]): StoredRecord[] {
    return (rows as readonly RecordRow[]).map((row) => this.#known.add({ record: this.#known.of(row) ?? parsed(row), arrival: row.arrival, firstSeen: row.first_seen }));
  }

  #reading<T>(work: () => T): T {
    if (this.#closed) throw storeClosed('log store');
    return storingSync('Reading the logs', work);
  }
}
