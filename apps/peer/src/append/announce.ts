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

function blobsNamedBy(records: readonly VerifiedRecord[]): Cid[] {
  return records.map(readFact).flatMap((fact) => (fact?.kind === 'release' ? [fact.body.cid] : []));
}

/** Tells the site's services, then, without waiting for them, the other peers: whoever misses it hears of it when reconciling. */
export async function announce({ news, node, log }: Audience, added: readonly StoredRecord[]): Promise<void> {
  await news.appended(added);
  const records = added.map((one) => one.record);
  const tell = async (): Promise<void> => {
    await node.announceRecords(records);
    await node.provide(blobsNamedBy(records));
  };
  void tell().catch((error: unknown) => log.warn('New records were not announced to other peers', { error, code: isSoukError(error) ? error.code : 'INTERNAL' }));
}
