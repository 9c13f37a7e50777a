import type { KeyId } from '../id/key-id.ts';
import type { ForkProof, LogStore, StoredRecord } from '../ports/log-store.ts';
import type { VerifiedRecord } from '../record/signed-record.ts';
import { subjectOf } from '../record/subject.ts';

/**
 * Verified records that came with an answer, to be read as a store of logs is: what a `Catalogue` folds without anything being kept. They may be any
 * records of any logs, with gaps; the order in which they came is their order of arrival, and all were first seen at `firstSeen` (milliseconds since 1970).
 */
export class CarriedRecords implements Pick<LogStore, 'read' | 'about' | 'fork' | 'subjects'> {
  readonly #byKey = new Map<KeyId, StoredRecord[]>();
  readonly #bySubject = new Map<string, StoredRecord[]>();

  constructor(records: readonly VerifiedRecord[], firstSeen: number) {
    for (const [index, record] of records.entries()) {
      const stored = { record, arrival: index + 1, firstSeen };
      listed(this.#byKey, record.key, stored);
      const about = subjectOf(record);
      if (about !== undefined) listed(this.#bySubject, about, stored);
    }
    for (const log of this.#byKey.values()) log.sort((a, b) => a.record.fields.seq - b.record.fields.seq);
  }

  /** The logs of which there are records. */
  keys(): Iterable<KeyId> {
    return this.#byKey.keys();
  }

  async read(key: KeyId, from: number, limit: number): Promise<readonly StoredRecord[]> {
    const log = this.#byKey.get(key) ?? [];
    const at = log.findIndex((one) => one.record.fields.seq >= from);
    return at < 0 ? [] : log.slice(at, at + limit);
  }

  async about(subject: string, arrival: number, limit: number): Promise<readonly StoredRecord[]> {
    return (this.#bySubject.get(subject) ?? []).filter((one) => one.arrival > arrival).slice(0, limit);
  }

  /** None: who answers is not asked to prove forks. */
  async fork(): Promise<ForkProof | undefined> {
    return undefined;
  }

  async subjects(prefix: string, after: string | undefined, limit: number): Promise<readonly string[]> {
    return [...this.#bySubject.keys()].filter((one) => one.startsWith(prefix) && (after === undefined || one > after)).sort().slice(0, limit);
  }
}

function listed<K>(lists: Map<K, StoredRecord[]>, key: K, stored: StoredRecord): void {
  const list = lists.get(key);
  if (list) list.push(stored);
  else lists.set(key, [stored]);
}
