import { sameBytes, type VerifiedRecord } from '@souk/domain';
import type { RecordRow } from './log-tables.ts';

/** Most bytes of all bodies and headers that are remembered. */
const maxBytes = 4_194_304;

type Row = Pick<RecordRow, 'arrival' | 'hash' | 'header' | 'body'>;

/**
 * Records that were read a moment ago, by their arrival: whoever follows the logs reads a record, then everything about its package, and
 * parsing it is most of the cost. A row that was changed since, or whose body was erased, is not taken for the record it was.
 */
export class KnownRecords {
  readonly #records = new Map<number, VerifiedRecord>();
  #bytes = 0;

  /** The record of a row, undefined when it is not remembered as the row has it. */
  get({ arrival, hash, header, body }: Row): VerifiedRecord | undefined {
    const known = this.#records.get(arrival);
    if (!known || !sameBytes(known.hash, hash) || !sameBytes(known.header, header)) return undefined;
    if (body === null || known.body === undefined) return body === null && known.body === undefined ? known : undefined;
    return sameBytes(known.body, body) ? known : undefined;
  }

  /** Remembers a record and forgets the oldest ones instead; returns it. */
  add({ arrival }: Pick<Row, 'arrival'>, record: VerifiedRecord): VerifiedRecord {
    this.#forget(arrival);
    this.#records.set(arrival, record);
    this.#bytes += sizeOf(record);
    for (const oldest of this.#records.keys()) {
      if (this.#bytes <= maxBytes) break;
      this.#forget(oldest);
    }
    return record;
  }

  #forget(arrival: number): void {
    const known = this.#records.get(arrival);
    if (!known) return;
    this.#records.delete(arrival);
    this.#bytes -= sizeOf(known);
  }
}

function sizeOf({ header, body }: VerifiedRecord): number {
  return header.length + (body?.length ?? 0);
}
