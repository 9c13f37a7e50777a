import type { FrameHead } from '@souk/contracts';
import { sameBytes, type Head, type KeyId, type LogStore } from '@souk/domain';
import { allHeads } from './head-roots.ts';

/** What to ask a peer for, because its head says that it holds something that we lack. */
export interface Wanted {
  readonly key: KeyId;
  /** The first seq to ask for. */
  readonly from: number;
  /** The seq of a record in which both sides differ: somewhere up to there the log forks, and nothing after it is wanted. */
  readonly differsAt?: number;
}

type Logs = Pick<LogStore, 'heads' | 'read'>;

async function wantedOf(theirs: FrameHead, ours: Head | undefined, forkedHere: boolean, logs: Logs): Promise<Wanted | undefined> {
  const { key } = theirs;
  if (forkedHere) return undefined;
  if (ours === undefined) return { key, from: 0 };
  const next = ours.seq + 1;
  if (ours.seq < theirs.seq) return { key, from: next };
  const [held] = ours.seq === theirs.seq ? [{ record: ours }] : await logs.read(key, theirs.seq, 1);
  if (held && !sameBytes(held.record.hash, theirs.hash)) return { key, from: next, differsAt: theirs.seq };
  return theirs.forked ? { key, from: next } : undefined;
}

/**
 * Compares a page of a peer's heads with ours. `after` is the key that the page was asked for; both sides are in ascending order,
 * so one pass over our heads is enough. Logs that are forked here are frozen: nothing more is wanted of them.
 */
export async function compareHeads(page: readonly FrameHead[], after: KeyId | undefined, forkedHere: ReadonlySet<KeyId>, logs: Logs): Promise<Wanted[]> {
  const wanted: Wanted[] = [];
  const ours = allHeads(logs, after);
  let own = await ours.next();
  for (const theirs of page) {
    while (!own.done && own.value.key < theirs.key) own = await ours.next();
    const match = !own.done && own.value.key === theirs.key ? own.value : undefined;
    const one = await wantedOf(theirs, match, forkedHere.has(theirs.key), logs);
    if (one) wanted.push(one);
  }
  await ours.return(undefined);
  return wanted;
}
