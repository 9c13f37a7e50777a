import { SoukError, type LogStore, type OrderMark, type StoredRecord, type VerifiedRecord } from '@souk/domain';
import type { PeerNode } from '@souk/p2p';
import type { SiteNews } from '../network/site-news.ts';
import type { Retention } from '../retention/retention.ts';
import type { SitePeers } from './site-peers.ts';

/** What taking records of other sites needs. */
export interface ForeignNeeds {
  /** The logs as this peer's node has them. */
  readonly logs: LogStore;
  readonly site: SitePeers;
  readonly retention: Pick<Retention, 'told'>;
  readonly news: Pick<SiteNews, 'appended'>;
  readonly node: Pick<PeerNode, 'announceRecords'>;
  /** Does what the site decided about records that come from others, and notes first sights. */
  readonly screened: (added: readonly StoredRecord[]) => Promise<void>;
}

/** Takes records of other sites that came to a replica first; where they stand in the site's order is decided here, at the primary. */
export class ForeignRecords {
  readonly #needs: ForeignNeeds;

  constructor(needs: ForeignNeeds) {
    this.#needs = needs;
  }

  /** Appends verified records that are not held yet; where the order is then, on disk. Throws what the store throws, NOT_PRIMARY at a replica, UNAVAILABLE. */
  async take(records: readonly VerifiedRecord[]): Promise<OrderMark> {
    const { logs, site, retention, news, node, screened } = this.#needs;
    if (site.place.ordinal !== 0) throw new SoukError('NOT_PRIMARY', 'This peer is a replica; it decides no order.', { hint: 'Address the peer with ordinal 0.' });
    const { added, forks } = await logs.append(records);
    if (added.length > 0) {
      await retention.told(added);
      await screened(added);
      await news.appended(added);
    }
    if (added.length + forks.length > 0) await node.announceRecords(added.map((one) => one.record));
    return site.orders.catalogue.ordered.logs.order();
  }
}
