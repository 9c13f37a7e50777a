import { toHex } from '../id/bytes.ts';
import type { StoredRecord } from '../ports/log-store.ts';
import { readFact } from '../record/body.ts';
import type { NamedRelease } from './pin-rule.ts';

/** What records that were appended together say of blobs, small enough to be told to another thread. */
export interface NamedSpan {
  /** Arrivals of the first and of the last record; all between them are meant, too. */
  readonly first: number;
  readonly last: number;
  /** The last record's hash, hexadecimal. */
  readonly hash: string;
  readonly releases: readonly NamedRelease[];
}

/** The span of records that one append added, in the order of their arrival; undefined when there are none. They were judged before, so each release can be read. */
export function namedSpan(added: readonly StoredRecord[]): NamedSpan | undefined {
  const [first, last] = [added[0], added.at(-1)];
  if (!first || !last) return undefined;
  const releases = added.flatMap(({ record }) => {
    const fact = readFact(record);
    return fact?.kind === 'release' ? [{ name: fact.body.name, version: fact.body.version, cid: fact.body.cid, key: record.key }] : [];
  });
  return { first: first.arrival, last: last.arrival, hash: toHex(last.record.hash), releases };
}
