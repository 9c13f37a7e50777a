import { SoukError } from '../errors/souk-error.ts';
import { sameBytes } from '../id/bytes.ts';
import type { Head, SignedRecord, VerifiedRecord } from '../record/signed-record.ts';
import { readFact } from '../record/body.ts';
import { verify } from '../record/verify.ts';

function broken(why: string): SoukError {
  return new SoukError('BAD_RECORD', `The site log can't be followed: ${why}.`, {
    hint: 'If the site was restored from a backup, restart this service; else somebody writes who may not: look at who has the NATS password of the peer.',
  });
}

/**
 * Follows a site log from its first record on: each record must be signed by the one key that the first names, and stand behind the one
 * before it. So neither a record of a foreign key nor a rewritten past is ever believed.
 */
export class SiteChain {
  #head: Head | undefined;

  /** The newest record that was taken. */
  get head(): Head | undefined {
    return this.#head;
  }

  /** How many records were taken: where to read on. */
  get length(): number {
    return this.#head === undefined ? 0 : this.#head.seq + 1;
  }

  /** Checks the next record and takes it. Throws BAD_RECORD, BAD_SIGNATURE, UPGRADE_NEEDED; then nothing was taken. */
  take(signed: SignedRecord): VerifiedRecord {
    const record = verify(signed);
    const { seq, prev } = record.fields;
    if (seq !== this.length) throw broken(`record ${seq} came instead of record ${this.length}`);
    if (this.#head === undefined) requireInception(record);
    else if (record.key !== this.#head.key) throw broken(`record ${seq} is signed by another key, ${record.key}`);
    else if (prev === null || !sameBytes(prev, this.#head.hash)) throw broken(`record ${seq} does not stand behind the one that was read before`);
    this.#head = { key: record.key, seq, hash: record.hash };
    return record;
  }
}

function requireInception(record: VerifiedRecord): void {
  const fact = readFact(record);
  if (fact?.kind !== 'inception' || fact.body.rootKey !== record.key) throw broken('it does not begin with the inception of its own key');
}
