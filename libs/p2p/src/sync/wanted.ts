import { isForkMark, sameBytes, type Head, type HeadTree, type KeyId, type LogStore } from '@souk/domain';

/** What to ask a peer for, because its head says that it holds something that we lack. */
export interface Wanted {
  readonly key: KeyId;
  /** The first seq to ask for. */
  readonly from: number;
  /** The seq of a record in which both sides differ: somewhere up to there the log forks, and nothing after it is wanted. */
  readonly differsAt?: number;
  /** The peer did not tell its head: it may have nothing. */
  readonly isGuess?: boolean;
}

/** What to ask a peer for that is not asked for its heads: what would follow what is held of some logs. */
export function guessedOf(keys: Iterable<KeyId>, held: HeadTree): Wanted[] {
  return [...keys].flatMap((key) => {
    const ours = held.head(key);
    return ours && isForkMark(ours) ? [] : [{ key, from: ours ? ours.seq + 1 : 0, isGuess: true }];
  });
}

/** What we lack of a log of which a peer told its head. Logs that are forked here are frozen: nothing more is wanted of them. */
export async function wantedOf(theirs: Head, held: HeadTree, logs: Pick<LogStore, 'read'>): Promise<Wanted | undefined> {
  const { key } = theirs;
  const ours = held.head(key);
  if (ours === undefined) return { key, from: 0 };
  if (isForkMark(ours)) return undefined;
  const next = ours.seq + 1;
  if (isForkMark(theirs) || ours.seq < theirs.seq) return { key, from: next };
  const [at] = ours.seq === theirs.seq ? [{ record: ours }] : await logs.read(key, theirs.seq, 1);
  return at && !sameBytes(at.record.hash, theirs.hash) ? { key, from: next, differsAt: theirs.seq } : undefined;
}
