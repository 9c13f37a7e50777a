import { sameBytes, type StoredRecord, type VerifiedRecord } from '@souk/domain';
import type { RecordRow } from './log-tables.ts';

/** Most bytes of all bodies and headers that are remembered. */
const maxBytes = 1_048_576;

/**
 * Records that this connection wrote or read a moment ago, by their arrival: whoever follows the logs reads a record, then everything about
 * its package, and parsing it is most of the cost. Records are never changed; one whose body is erased must be forgotten.
 */
export class KnownRecords {
  readonly #records = new Map<number, StoredRecord>();
  #bytes = 0;

  /** All of these records, in the same order; undefined unless every one is remembered. */
  all(arrivals: readonly number[]): StoredRecord[] | undefined {
    const found: StoredRecord[] = [];
    for (const arrival of arrivals) {
      const known = this.#records.get(arrival);
      if (!known) return undefined;
      found.push(known);
    }
    return found;
  }

  /** The record of a row that was read; undefined when it is not remembered as the row has it. */
  of({ arrival, hash, header, body }: RecordRow): VerifiedRecord | undefined {
    const record = this.#records.get(arrival)?.record;
    if (!record || !sameBytes(record.hash, hash) || !sameBytes(record.header, header)) return undefined;
    if (body === null || record.body === undefined) return body === null && record.body === undefined ? record : undefined;
    return sameBytes(record.body, body) ? record : undefined;
  }

  /** Remembers a record and forgets the oldest ones instead; returns it. */
  add(stored: StoredRecord): StoredRecord {
    this.forget(stored.arrival);
    this.#records.set(stored.arrival, stored);
    this.#bytes += sizeOf(stored);
    for (const oldest of this.#records.keys()) {
      if (this.#bytes <= maxBytes) break;
      this.forget(oldest);
    }
    return stored;
  }

  /** Forgets a record. */
  forget(arrival: number): void {
    const known = this.#records.get(arrival);
    if (!known) return;
    this.#records.delete(arrival);
    this.#bytes -= sizeOf(known);
  }
}

function sizeOf({ record: { header, body } }: StoredRecord): number {
  return header.length + (body?.length ?? 0);
}
