import type { HeadTree, KeyId } from '@souk/domain';

/** The logs that a peer follows which does not follow all: those that are held, and those that are listed. Nothing else of others is asked for, or kept. */
export interface FollowedLogs {
  /** Logs that are followed though nothing of them may be held yet. */
  listed(): ReadonlySet<KeyId>;
  /** Hears that others are listed; the answer ends it. */
  onChanged(listener: () => void): () => void;
}

/** All logs that are followed. */
export function followedOf(follows: Pick<FollowedLogs, 'listed'>, held: HeadTree): ReadonlySet<KeyId> {
  const keys = new Set(follows.listed());
  for (const { key } of held.heads()) keys.add(key);
  return keys;
}
