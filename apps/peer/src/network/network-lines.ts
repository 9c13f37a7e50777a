import { recentMs, type Freshness } from '@souk/domain';
import type { LagLine, NetworkStatus, SuperLine } from '@souk/contracts';
import type { LeaseView, PeerNode, LagLine as NodeLag } from '@souk/p2p';
import type { PeerRuntime } from '../peer-runtime.ts';
import type { NetworkFigures } from './network-figures.ts';

/** Most lines of one answer: they fit into one message. */
const maxLines = 500;

const iso = (ms: number): string => new Date(ms).toISOString();

/** What is said of freshness, where it is watched. */
export function freshnessOf(fresh: Freshness | undefined): Pick<NetworkStatus, 'freshness'> {
  if (!fresh) return {};
  const { isStale, since, needed, attested } = fresh;
  return { freshness: { stale: isStale, ...(since === undefined ? {} : { since: iso(since) }), needed, attested: attested.map(({ peer, at }) => ({ peer, at: iso(at) })) } };
}

/** What this peer leases, and who holds the lease. */
export function leaseOf({ identities }: Pick<PeerNode, 'identities'>): Pick<NetworkStatus, 'lease' | 'leased'> {
  const leases = identities.flatMap((one) => one.lease() ?? []);
  const first = identities[0]?.lease();
  return { ...(first ? { lease: leaseDoc(first) } : {}), leased: leases.reduce((sum, one) => sum + one.blobs, 0) };
}

function leaseDoc({ epoch, n, blobs, holders }: LeaseView): NonNullable<NetworkStatus['lease']> {
  return { epoch, n, blobs, holders: holders.map(({ peer, renewedAt, endsAt }) => ({ peer, renewedAt: iso(renewedAt), endsAt: iso(endsAt) })) };
}

/** How the tiers of lookups do. */
export function tiersOf({ tiers, since }: NetworkFigures, now: number): NonNullable<NetworkStatus['lookups']> {
  return { since: iso(since), recentSeconds: recentMs / 1000, tiers: tiers.lines(now).map(({ tier, asked, hits, recent }) => ({ tier, asked, hits, recent: { ...recent } })) };
}

/** How many of the linked peers have what is not here. */
export function behindOf(lag: readonly NodeLag[]): NonNullable<NetworkStatus['behind']> {
  const since = lag.flatMap((one) => one.since ?? []);
  return { peers: since.length, ...(since.length === 0 ? {} : { since: iso(Math.min(...since)) }) };
}

/** How level this peer is with those that it is linked to, the ones that are ahead first. */
export function lagLines(lag: readonly NodeLag[]): LagLine[] {
  const ordered = lag.toSorted((a, b) => Number(a.inSync) - Number(b.inSync) || (b.behind ?? 0) - (a.behind ?? 0));
  return ordered.slice(0, maxLines).map(({ peer, inSync, behind, since, exchangedAt, records, error }) => ({
    peer,
    inSync,
    ...(behind === undefined ? {} : { behind }),
    ...(since === undefined ? {} : { since: iso(since) }),
    ...(exchangedAt === undefined ? {} : { exchangedAt: iso(exchangedAt) }),
    ...(records === undefined ? {} : { records }),
    ...(error === undefined ? {} : { error: { code: error.code, message: error.message.slice(0, 512), at: iso(error.at) } }),
  }));
}

/** The super-peers that count here, the linked ones first. */
export function superLines({ node, charter, figures }: Pick<PeerRuntime, 'node' | 'charter' | 'figures'>): SuperLine[] {
  const named = new Set(charter.current()?.supers.map((one) => one.peer as string));
  const attested = new Map(node.freshness()?.attested.map(({ peer, at }) => [peer, at]));
  const holders = new Set(node.identities.flatMap((one) => one.lease()?.holders.map(({ peer }) => peer) ?? []));
  return node
    .supers()
    .toSorted((a, b) => b.links - a.links)
    .map(({ peer, addresses, links, latencyMs, zone, shares, isTold }) => {
      const { verdicts, audits, answeredAt, answerMs, failedAt, failedBy } = figures.supers.of(peer ?? '');
      const attestedAt = attested.get(peer ?? '');
      return {
        ...(peer === undefined ? {} : { peer }),
        addresses: [...addresses],
        named: peer !== undefined && named.has(peer) ? 'charter' : isTold ? 'told' : 'configured',
        links,
        ...(latencyMs === undefined ? {} : { latencyMs }),
        ...(zone === undefined ? {} : { zone }),
        ...(shares === undefined ? {} : { shares }),
        answers: { ...verdicts } as Record<string, number>,
        audits,
        ...(answeredAt === undefined ? {} : { answeredAt: iso(answeredAt) }),
        ...(answerMs === undefined ? {} : { answerMs }),
        ...(failedAt === undefined || failedBy === undefined ? {} : { failedAt: iso(failedAt), failedBy }),
        ...(attestedAt === undefined ? {} : { attestedAt: iso(attestedAt) }),
        holdsLease: peer !== undefined && holders.has(peer),
      };
    });
}
