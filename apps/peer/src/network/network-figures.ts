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
    const tiers = this.#metrics.counter('souk_lookup_tier_total');
    const answers = this.#metrics.counter('souk_super_answers_total');
    const audits = this.#metrics.counter('souk_super_audits_total');
    const seconds = this.#metrics.histogram('souk_super_answer_seconds');
    const lookups = this.#metrics.histogram('souk_lookup_seconds');
    const fetches = this.#metrics.histogram('souk_fetch_seconds');
    const fetched = this.#metrics.counter('souk_fetched_bytes_total');
    return {
      asked: (tier: AskedTier, hit: boolean) => {
        tiers.add({ tier, result: hit ? 'hit' : 'miss' });
        this.tiers.asked(tier, hit, this.#now());
      },
      answered: (tier, tookMs) => lookups.observe({ tier }, tookMs / 1000),
      fetched: (code, tookMs, bytes) => {
        fetches.observe({ code }, tookMs / 1000);
        fetched.add({}, bytes);
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
  watch(node: Pick<PeerNode, 'superPeers' | 'identities' | 'lag' | 'links' | 'onLinks' | 'freshness' | 'indexSize'>): void {
    const { identities } = node;
    this.#watchDiscovery(node);
    this.#metrics.gauge('souk_identities', {}, () => identities.length);
    this.#metrics.gauge('souk_links', {}, () => node.links().length);
    this.#metrics.gauge('souk_super_peers_linked', {}, () => node.superPeers().length);
    this.#metrics.gauge('souk_leased_blobs', {}, () => identities.reduce((sum, one) => sum + (one.lease()?.blobs ?? 0), 0));
    this.#metrics.gauge('souk_lease_holders', {}, () => identities[0]?.lease()?.holders.length ?? 0);
    this.#metrics.gauge('souk_index_leases', {}, () => node.indexSize()?.leases ?? 0);
    this.#metrics.gauge('souk_index_cids', {}, () => node.indexSize()?.cids ?? 0);
    this.#metrics.gauge('souk_sync_lag_seconds', {}, () => this.#lagMs(node) / 1000);
    this.#metrics.gauge('souk_peers_behind', {}, () => node.lag().filter((one) => one.since !== undefined).length);
    this.#metrics.gauge('souk_stale', {}, () => (node.freshness()?.isStale === true ? 1 : 0));
  }

  /** Since when the peer is known that has had longest what is not here. */
  #lagMs(node: Pick<PeerNode, 'lag'>): number {
    const since = node.lag().flatMap((one) => (one.since === undefined ? [] : [one.since]));
    return since.length === 0 ? 0 : Math.max(0, this.#now() - Math.min(...since));
  }

  #watchDiscovery(node: Pick<PeerNode, 'links' | 'onLinks'>): void {
    let seconds = Number.NaN;
    const end = node.onLinks(() => look());
    const look = (): void => {
      if (node.links().length === 0) return;
      seconds = (this.#now() - this.since) / 1000;
      end();
    };
    look();
    this.#metrics.gauge('souk_discovery_seconds', {}, () => seconds);
  }
}
