import { SuperLedger, TierCounts, type AskedTier, type SuperVerdict } from '@souk/domain';
import type { Metrics } from '@souk/nest';
import type { LookupTap, PeerNode } from '@souk/p2p';

/** How lookups of this peer go, since it started: for whoever asks the site, and for whoever reads its metrics, in the same words. */
export class NetworkFigures {
  readonly tiers = new TierCounts();
  readonly supers = new SuperLedger();
  /** When counting began, in milliseconds since 1970. */
  readonly since: number;
  readonly #now: () => number;
  readonly #metrics: Metrics;

  /** `now`: milliseconds since 1970. */
  constructor(metrics: Metrics, now: () => number = Date.now) {
    this.#metrics = metrics;
    this.#now = now;
    this.since = now();
  }

  /** Hears how the lookups of a node go. */
  tap(): Required<LookupTap> {
    const tiers = this.#metrics.counter('souk_lookup_tier_total', 'Tiers asked for who has a blob, and whether they knew.', ['tier', 'result']);
    const answers = this.#metrics.counter('souk_super_answers_total', 'Answers of super-peers, and how they turned out.', ['peer', 'verdict']);
    const audits = this.#metrics.counter('souk_super_audits_total', 'Answers of super-peers that were checked with another one.', ['peer']);
    const seconds = this.#metrics.histogram('souk_super_answer_seconds', 'How long super-peers take to answer a lookup.');
    return {
      asked: (tier: AskedTier, hit: boolean) => {
        tiers.add({ tier, result: hit ? 'hit' : 'miss' });
        this.tiers.asked(tier, hit, this.#now());
      },
      judged: (peer: string, verdict: SuperVerdict, tookMs?: number) => {
        answers.add({ peer, verdict });
        if (tookMs !== undefined) seconds.observe({}, tookMs / 1000);
        this.supers.judged(peer, verdict, this.#now(), tookMs);
      },
      audited: (peer: string) => {
        audits.add({ peer });
        this.supers.audited(peer);
      },
    };
  }

  /** Shows what is linked, leased, behind and stale at a node whenever somebody reads the metrics. */
  watch(node: Pick<PeerNode, 'superPeers' | 'identities' | 'lag' | 'links' | 'freshness'>): void {
    const { identities } = node;
    this.#metrics.gauge('souk_links', 'Peers that this one is linked to.', () => node.links().length);
    this.#metrics.gauge('souk_super_peers_linked', 'Super-peers that this peer is linked to.', () => node.superPeers().length);
    this.#metrics.gauge('souk_leased_blobs', 'Blobs that this peer leases.', () => identities.reduce((sum, one) => sum + (one.lease()?.blobs ?? 0), 0));
    this.#metrics.gauge('souk_lease_holders', 'Super-peers that hold the lease of this peer.', () => identities[0]?.lease()?.holders.length ?? 0);
    this.#metrics.gauge('souk_peers_behind', 'Linked peers that have records which are not held here.', () => node.lag().filter((one) => one.since !== undefined).length);
    this.#metrics.gauge('souk_stale', 'Whether what is held here may not be all there is: 1, or 0.', () => (node.freshness()?.isStale === true ? 1 : 0));
  }
}
