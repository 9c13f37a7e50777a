import type { KeyId } from '../id/key-id.ts';
import type { Head, VerifiedRecord } from '../record/signed-record.ts';
import { subjectOf } from '../record/subject.ts';
import { planAppend, requireWhole, type HeldLogs } from './append-plan.ts';
import { sameMark, type OrderMark, type OrderSlice } from './log-order.ts';
import type { Appended, ArrivedHead, ArrivedSubject, ForkProof, LogStore, StoredRecord } from './log-store.ts';
import { storeClosed } from './store-closed.ts';

/** What a memory log store needs from outside. */
export interface MemoryLogStoreOptions {
  /** Milliseconds since 1970: what `firstSeen` becomes. */
  readonly now: () => number;
}

/** A log store in memory: for tests and for peers that keep nothing. */
export class MemoryLogStore implements LogStore {
  readonly #now: () => number;
  /** Arrival minus 1 of each log's records, by seq. */
  readonly #logs = new Map<KeyId, number[]>();
  readonly #arrived: StoredRecord[] = [];
  /** Arrival minus 1 of each subject's records, in order of arrival. */
  readonly #subjects = new Map<string, number[]>();
  /** What each record is about, by arrival minus 1. */
  readonly #abouts: (string | undefined)[] = [];
  /** The later branch of each fork; the earlier one is in the log. */
  readonly #forks = new Map<KeyId, VerifiedRecord>();
  readonly #writers = new Set<KeyId>();
  #sortedKeys: KeyId[] | undefined;
  #sortedSubjects: string[] | undefined;
  #closed = false;

  constructor(options: MemoryLogStoreOptions) {
    this.#now = options.now;
  }

  async append(records: readonly VerifiedRecord[]): Promise<Appended> {
    this.#open();
    const plan = planAppend(records, this.#held());
    const firstSeen = this.#now();
    const added = plan.add.map((record) => this.#add(record, firstSeen));
    for (const { key, b } of plan.forks) this.#forks.set(key, b);
    return { added, forks: plan.forks };
  }

  async head(key: KeyId): Promise<Head | undefined> {
    this.#open();
    return this.#head(key);
  }

  async heads(after: KeyId | undefined, limit: number): Promise<readonly Head[]> {
    this.#open();
    this.#sortedKeys ??= [...this.#logs.keys()].sort();
    const from = after === undefined ? 0 : this.#sortedKeys.findIndex((key) => key > after);
    if (from < 0) return [];
    return this.#sortedKeys.slice(from, from + limit).flatMap((key) => this.#head(key) ?? []);
  }

  async size(): Promise<{ logs: number; records: number; arrival: number }> {
    this.#open();
    return { logs: this.#logs.size, records: this.#arrived.length, arrival: this.#arrived.length };
  }

  async read(key: KeyId, from: number, limit: number): Promise<readonly StoredRecord[]> {
    this.#open();
    const first = Math.max(from, 0);
    return (this.#logs.get(key) ?? []).slice(first, first + limit).map((index) => this.#at(index));
  }

  async since(arrival: number, limit: number): Promise<readonly StoredRecord[]> {
    this.#open();
    const first = Math.max(arrival, 0);
    return this.#arrived.slice(first, first + limit);
  }

  async headsSince(arrival: number, limit: number): Promise<readonly ArrivedHead[]> {
    const records = await this.since(arrival, limit);
    return records.map(({ record, arrival: at }) => ({ key: record.key, seq: record.fields.seq, hash: record.hash, arrival: at }));
  }

  async subjectsSince(arrival: number, limit: number): Promise<readonly ArrivedSubject[]> {
    const records = await this.since(arrival, limit);
    return records.flatMap(({ arrival: at }) => {
      const subject = this.#abouts[at - 1];
      if (subject === undefined) return [{ arrival: at }];
      return this.#subjects.get(subject)?.at(-1) === at - 1 ? [{ arrival: at, subject }] : [];
    });
  }

  async about(subject: string, arrival: number, limit: number): Promise<readonly StoredRecord[]> {
    this.#open();
    const indexes = this.#subjects.get(subject) ?? [];
    return indexes.filter((index) => index >= arrival).slice(0, limit).map((index) => this.#at(index));
  }

  async subjects(prefix: string, after: string | undefined, limit: number): Promise<readonly string[]> {
    this.#open();
    this.#sortedSubjects ??= [...this.#subjects.keys()].sort();
    return this.#sortedSubjects.filter((subject) => subject.startsWith(prefix) && (after === undefined || subject > after)).slice(0, limit);
  }

  async forks(limit: number, after = 0): Promise<readonly ForkProof[]> {
    this.#open();
    return [...this.#forks.keys()].slice(after, after + limit).flatMap((key) => this.#fork(key) ?? []);
  }

  async fork(key: KeyId): Promise<ForkProof | undefined> {
    this.#open();
    return this.#fork(key);
  }

  async eraseBody(key: KeyId, seq: number): Promise<void> {
    this.#open();
    const index = this.#logs.get(key)?.[seq];
    if (index === undefined) return;
    const stored = this.#at(index);
    this.#arrived[index] = { ...stored, record: withoutBody(stored.record) };
    const fork = this.#forks.get(key);
    if (fork?.fields.seq === seq) this.#forks.set(key, withoutBody(fork));
  }

  async addWriters(keys: readonly KeyId[]): Promise<void> {
    this.#open();
    for (const key of keys) this.#writers.add(key);
  }

  async writers(): Promise<readonly KeyId[]> {
    this.#open();
    return [...this.#writers];
  }

  async order(): Promise<OrderMark> {
    this.#open();
    return this.#order();
  }

  async hashAt(arrival: number): Promise<Uint8Array | undefined> {
    this.#open();
    return this.#arrived[arrival - 1]?.record.hash;
  }

  async slice(after: OrderMark, limit: number): Promise<OrderSlice> {
    const records = await this.since(after.arrival, limit);
    const isLast = after.arrival + records.length === this.#arrived.length;
    return { after, records, writers: [...this.#writers].slice(after.writers), forks: isLast ? [...this.#forks.values()].slice(after.forks) : [] };
  }

  async takeOver({ after, records, writers, forks }: OrderSlice): Promise<OrderMark> {
    this.#open();
    if (!sameMark(after, this.#order())) return this.#order();
    const plan = planAppend([...records.map((one) => one.record), ...forks], this.#held());
    requireWhole(plan, { records, writers, forks }, writers.filter((key) => !this.#writers.has(key)).length);
    for (const key of writers) this.#writers.add(key);
    for (const { record, firstSeen } of records) this.#add(record, firstSeen);
    for (const { key, b } of plan.forks) this.#forks.set(key, b);
    return this.#order();
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #order(): OrderMark {
    return { arrival: this.#arrived.length, hash: this.#arrived.at(-1)?.record.hash, writers: this.#writers.size, forks: this.#forks.size };
  }

  #open(): void {
    if (this.#closed) throw storeClosed('log store');
  }

  #held(): HeldLogs {
    return {
      head: (key) => this.#head(key),
      forkedAt: (key) => this.#forks.get(key)?.fields.seq,
      hashAt: (key, seq) => this.#recordAt(key, seq).hash,
      recordAt: (key, seq) => this.#recordAt(key, seq),
    };
  }

  #head(key: KeyId): Head | undefined {
    const last = this.#logs.get(key)?.at(-1);
    if (last === undefined) return undefined;
    const { record } = this.#at(last);
    return { key, seq: record.fields.seq, hash: record.hash };
  }

  #fork(key: KeyId): ForkProof | undefined {
    const b = this.#forks.get(key);
    return b && { key, seq: b.fields.seq, a: this.#recordAt(key, b.fields.seq), b };
  }

  #recordAt(key: KeyId, seq: number): VerifiedRecord {
    const index = this.#logs.get(key)?.[seq];
    if (index === undefined) throw new RangeError(`no record ${seq} of ${key} is held`);
    return this.#at(index).record;
  }

  #at(index: number): StoredRecord {
    const stored = this.#arrived[index];
    if (stored === undefined) throw new RangeError(`nothing arrived at ${index + 1}`);
    return stored;
  }

  #add(record: VerifiedRecord, firstSeen: number): StoredRecord {
    const stored = { record, arrival: this.#arrived.length + 1, firstSeen };
    this.#arrived.push(stored);
    if (pushTo(this.#logs, record.key, stored.arrival - 1)) this.#sortedKeys = undefined;
    const subject = subjectOf(record);
    this.#abouts.push(subject);
    if (subject !== undefined && pushTo(this.#subjects, subject, stored.arrival - 1)) this.#sortedSubjects = undefined;
    return stored;
  }
}

/** Adds a value to a key's list; true when the key is new. */
function pushTo<K>(lists: Map<K, number[]>, key: K, value: number): boolean {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
  return list === undefined;
}

function withoutBody(record: VerifiedRecord): VerifiedRecord {
  const { body: _erased, ...rest } = record;
  return rest;
}
