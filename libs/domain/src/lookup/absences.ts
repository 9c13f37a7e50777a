import type { Cid } from '../id/cid.ts';
import { readFact } from '../record/body.ts';
import type { VerifiedRecord } from '../record/signed-record.ts';

/** How long "nobody has it" is believed, in milliseconds. */
export const absentMs = 5000;
const maxAbsent = 1000;

/** Cids that nobody had a moment ago; the oldest give way. A release that names a cid makes an end of its absence. */
export class Absences {
  readonly #until = new Map<Cid, number>();

  /** Nobody has it. */
  note(cid: Cid, now: number): void {
    const oldest = this.#until.keys().next().value;
    if (this.#until.size >= maxAbsent && oldest !== undefined) this.#until.delete(oldest);
    this.#until.delete(cid);
    this.#until.set(cid, now + absentMs);
  }

  /** Whether nobody had it a moment ago. */
  has(cid: Cid, now: number): boolean {
    return (this.#until.get(cid) ?? -Infinity) > now;
  }

  /** Somebody has it, as far as one can tell. */
  end(cid: Cid): void {
    this.#until.delete(cid);
  }

  /** New records came: the blobs that their releases name may be had now. */
  newRecords(records: readonly VerifiedRecord[]): void {
    if (this.#until.size === 0) return;
    for (const record of records) {
      const cid = releasedCid(record);
      if (cid) this.#until.delete(cid);
    }
  }
}

function releasedCid(record: VerifiedRecord): Cid | undefined {
  if (record.fields.kind !== 'release') return undefined;
  try {
    const fact = readFact(record);
    return fact?.kind === 'release' ? (fact.body.cid as Cid) : undefined;
  } catch {
    return undefined;
  }
}
