import { isSoukError, readFact, type Cid, type StoredRecord, type VerifiedRecord } from '@souk/domain';
import type { Log } from '@souk/nest';
import type { PeerNode } from '@souk/p2p';
import type { SiteNews } from '../network/site-news.ts';

/** Who is told of records that were appended here. */
export interface Audience {
  readonly news: SiteNews;
  readonly node: Pick<PeerNode, 'announceRecords' | 'provide'>;
  readonly log: Log;
}

/** What is told of one append. */
export interface Appending {
  /** The newest arrival. */
  readonly arrival: number;
  /** Its records, or of very many the newest of each log. */
  readonly records: readonly VerifiedRecord[];
  /** The blobs that its releases name. */
  readonly cids: readonly Cid[];
}

/** What is told of records that were appended; undefined when there were none. */
export function appendingOf(added: readonly StoredRecord[]): Appending | undefined {
  const newest = added.at(-1);
  if (!newest) return undefined;
  const records = added.map((one) => one.record);
  const cids = records.map(readFact).flatMap((fact) => (fact?.kind === 'release' ? [fact.body.cid] : []));
  return { arrival: newest.arrival, records, cids };
}

/** Tells the site's services, then, without waiting for them, the other peers: whoever misses it hears of it when reconciling. */
export async function announce({ news, node, log }: Audience, { arrival, records, cids }: Appending): Promise<void> {
  await news.movedTo(arrival);
  const tell = async (): Promise<void> => {
    await node.announceRecords(records);
    await node.provide(cids);
  };
  void tell().catch((error: unknown) => log.warn('New records were not announced to other peers', { error, code: isSoukError(error) ? error.code : 'INTERNAL' }));
}
