import { scopeOf } from '../id/package-name.ts';
import type { KeyId, PublisherId } from '../id/key-id.ts';
import { CarriedRecords } from '../catalogue/carried-records.ts';
import { storedEvidence } from '../publisher/evidence.ts';
import { counts, readWriter, type Writer } from '../publisher/writer.ts';
import { readableFact } from '../record/body.ts';
import type { VerifiedRecord } from '../record/signed-record.ts';

/** What a peer that does not follow all logs follows: publishers, and whoever publishes one of these names. */
export interface FollowList {
  readonly publishers: readonly PublisherId[];
  /** Package names, and scopes as in `@team/*`. */
  readonly names: readonly string[];
}

/** Most logs that a list may come to; whoever wants more follows all. */
export const maxFollowed = 4000;

/** Whether a list names a package, or its scope. */
export function isFollowedName({ names }: Pick<FollowList, 'names'>, name: string): boolean {
  const scope = scopeOf(name);
  return names.includes(name) || (scope !== undefined && names.includes(`@${scope}/*`));
}

/**
 * The logs that a list means, as far as verified records prove it: all keys of the publishers that it names, and of those of whom a release that counts has
 * one of its names; among them keys that were delegated and have written nothing yet. At most `maxFollowed`. Whoever tells the records can leave logs out and not add any.
 */
export async function followedKeys(records: readonly VerifiedRecord[], list: FollowList): Promise<ReadonlySet<KeyId>> {
  const carried = new CarriedRecords(records, 0);
  const evidence = storedEvidence(carried);
  const writers = new Map<KeyId, Writer>();
  for (const key of carried.keys()) writers.set(key, await readWriter(evidence, key));
  const publishers = new Set(list.publishers);
  for (const record of records) {
    const writer = writers.get(record.key);
    const fact = record.fields.kind === 'release' ? readableFact(record) : undefined;
    if (fact?.kind !== 'release' || writer?.publisher === undefined || !counts(writer, record.fields.seq)) continue;
    if (isFollowedName(list, fact.body.name)) publishers.add(writer.publisher);
  }
  const isFollowed = (key: KeyId): boolean => publishers.has(writers.get(key)?.publisher as PublisherId);
  const keys = new Set([...writers.keys()].filter(isFollowed));
  for (const record of records) {
    const fact = record.fields.kind === 'delegate' && isFollowed(record.key) ? readableFact(record) : undefined;
    if (fact?.kind === 'delegate') keys.add(fact.body.key);
  }
  return new Set([...keys].slice(0, maxFollowed));
}
