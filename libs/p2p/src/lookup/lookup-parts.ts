import type { KadDHT } from '@libp2p/kad-dht';
import type { LookupFrame } from '@souk/contracts';
import { OwnLease, ProviderIndex, signerOf, type AskedTier, type ErrorCode, type Lease, type LookupTier, type SuperVerdict } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import { SuperBook } from '../links/super-book.ts';
import { SuperLinks } from '../links/super-links.ts';
import type { FullLibp2p } from '../node/create-libp2p-node.ts';
import { linksOf } from '../node/links.ts';
import { Listeners } from '../node/listeners.ts';
import { reachableAt } from '../node/relays.ts';
import type { SharedRanges } from '../node/shared-ranges.ts';
import type { PeerLimits } from '../node/peer-limits.ts';
import type { Streams } from '../node/streams.ts';
import type { PeerNeeds, PeerNodeOptions } from '../peer-node.ts';
import { answerWithLeases } from './dht-answers.ts';
import { introduce, type Addressed } from './introduce.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { Lookups } from './lookups.ts';
import type { NamedProvider } from './lookup-client.ts';
import { defaultLookupLimits, type LookupLimits } from './lookup-limits.ts';
import { LookupQuotas, quotaGroup } from './lookup-quotas.ts';
import { serveLookup } from './lookup-server.ts';
import type { ProviderFinder } from './provider-finder.ts';
import { Replicator } from './replicator.ts';
import { SuperChannels } from './super-channels.ts';
import { SuperFinder } from './super-finder.ts';
import { SuperScout } from './super-scout.ts';

/** What hears how lookups go. */
export interface LookupTap {
  /** A tier was asked; whether it knew a provider. */
  asked?(tier: AskedTier, hit: boolean): void;
  /** A question for a blob was answered: by which tier, and after how many milliseconds; `none` when nobody has it. */
  answered?(tier: LookupTier, tookMs: number): void;
  /** A blob was brought here, or could not be: how that ended, and how many milliseconds and bytes it took. */
  fetched?(code: 'OK' | ErrorCode, tookMs: number, bytes: number): void;
  /** How an answer of a super-peer turned out, and how long a good one of a lookup took, in milliseconds. */
  judged?(superPeer: string, verdict: SuperVerdict, tookMs?: number): void;
  /** An answer of a super-peer is checked with another one. */
  audited?(superPeer: string): void;
}

/** What the parts work on. */
export interface LookupPartsNeeds {
  readonly libp2p: FullLibp2p;
  readonly needs: PeerNeeds;
  readonly options: PeerNodeOptions;
  readonly limits: PeerLimits;
  readonly sharedRanges: SharedRanges;
  readonly streams: Streams;
  readonly finder: ProviderFinder;
  /** The DHT that super-peers are sought in; undefined while there is none. */
  dht(): KadDHT | undefined;
  rank(peer: string): number;
  /** Hears of full peers that a super-peer told of. */
  onFulls(addresses: readonly string[], teller: string): void;
  /** A link to a super-peer came (`came`: which) or went, or none could be had. */
  onSupers(came?: string): void;
}

/** Leases and lookups of a node, wired to each other but not running. */
export interface LookupParts {
  readonly lookups: Lookups;
  readonly keeper: LeaseKeeper;
  readonly supers: SuperLinks;
  /** Where the network's super-peers are. */
  readonly book: SuperBook;
  /** The index of a super-peer. */
  readonly index: ProviderIndex | undefined;
  /** Hears that a lease came into the index, changed or went. */
  readonly indexChanges: Listeners<void>;
  /** Answers `/souk/lookup/1`, where this is a super-peer. */
  readonly serve: ((channel: Channel<LookupFrame>, peer: string, signal: AbortSignal, address: string) => Promise<void>) | undefined;
  start(): void;
  stop(): Promise<void>;
}

/** Makes the parts. */
export function lookupParts(parts: LookupPartsNeeds): LookupParts {
  const { libp2p, needs, needs: { log }, options, streams, finder, rank } = parts;
  const role = options.role ?? 'full';
  const limits: LookupLimits = { ...defaultLookupLimits, ...options.lookupLimits };
  const wanted = role === 'super' ? limits.replicas : limits.supers;
  const supers = new SuperLinks({ libp2p, log, longestRedialMs: parts.limits.longestRedialMs, addresses: options.supers ?? [], wanted, closes: role === 'leaf', dialled: (address, failures) => book.dialled(address, failures) });
  const book = new SuperBook({ self: libp2p.peerId.toString(), wanted, addresses: options.supers ?? [], isChartered: () => options.charter?.current() !== undefined, changed: (addresses) => supers.set(addresses) });
  const channels = new SuperChannels({ streams: limits.streams, open: (peer, signal) => streams.openLookup(peer, signal) });
  const exchange = channels.use.bind(channels);
  const index = role === 'super' ? new ProviderIndex(options.indexLimits) : undefined;
  const replicator = index && new Replicator({ index, limits, log, now: Date.now, exchange });
  const own = new OwnLease({ signer: signerOf(options.seed), role, epoch: Date.now(), ttl: limits.leaseMs, mirror: options.mirror ?? false, zone: options.zone });
  const self = libp2p.peerId.toString();
  const meet = (provider: Addressed): Promise<void> => introduce(libp2p, provider);
  const indexChanges = new Listeners<void>(log);
  if (libp2p.services.dht) answerWithLeases(libp2p.services.dht, { libp2p, index, meet });
  const leased = (peer: string, direct: boolean): void => {
    if (direct) replicator?.changed(peer);
    indexChanges.tell();
  };
  const addresses = (): readonly string[] => reachableAt(libp2p.getMultiaddrs().map(String), options.relay?.use ?? false);
  // A super-peer's own lease goes into its index and from there to the others, as every other peer's does.
  const keeper = new LeaseKeeper({ own, limits, log, addresses, supers: () => (index ? [] : supers.linked()), exchange, ...(index ? { keepHere: (lease) => keepOwn(index, own, lease, leased) } : {}), onFulls: parts.onFulls });
  const judged = (peer: string, verdict: SuperVerdict, tookMs?: number): void => options.lookupTap?.judged?.(peer, verdict, tookMs);
  const audited = (peer: string): void => options.lookupTap?.audited?.(peer);
  const remote = new SuperFinder({ self, limits, log, supers: () => supers.linked(), firstSuper: (signal) => supers.first(signal), exchange, openBlob: (peer, signal) => streams.openBlob(peer, signal), meet, judged, audited, random: options.random ?? Math.random });
  const asked = (tier: AskedTier, hit: boolean): void => options.lookupTap?.asked?.(tier, hit);
  const answered = (tier: LookupTier, tookMs: number): void => options.lookupTap?.answered?.(tier, tookMs);
  const lookups = new Lookups({ self, zone: options.zone, blobs: needs.blobs, finder, supers: index ? ownIndex(index, remote, { self, meet }) : remote, hints: needs.hints ?? [], log, hedgeMs: parts.limits.hedgeMs, rank, meet, asked, answered });
  const serve = index && serving(parts, limits, { index, supers, book, leased });
  followSupers(supers, { channels, keeper, replicator, onSupers: parts.onSupers });
  const isWanting = (): boolean => supers.linked().length < Math.min(wanted, defaultLookupLimits.supers);
  const scout = new SuperScout({ dht: () => parts.dht(), log, isSuper: role === 'super', waitMs: limits.scoutMs, linked: () => [...linksOf(libp2p).keys()], isWanting, found: (addresses) => book.tell(addresses) });
  supers.changes.add(() => scout.go());
  const start = (): void => {
    if (options.relay?.use) followRelays(libp2p, keeper);
    libp2p.addEventListener('peer:connect', () => scout.go());
    keeper.start();
    supers.start();
  };
  const stop = async (): Promise<void> => {
    scout.stop();
    await Promise.all([supers.stop(), keeper.stop()]);
    replicator?.stop();
    await lookups.stop();
    await channels.stop();
  };
  return { lookups, keeper, supers, book, index, indexChanges, serve, start, stop };
}

/** Leases are brought, and streams forgotten, as links to super-peers come and go. */
function followSupers(supers: SuperLinks, { channels, keeper, replicator, onSupers }: { channels: SuperChannels; keeper: LeaseKeeper; replicator: Replicator | undefined; onSupers(came?: string): void }): void {
  supers.changes.add(({ came, went }) => {
    if (went !== undefined) for (const part of [channels.forget.bind(channels), keeper.went.bind(keeper), replicator?.went.bind(replicator)]) part?.(went);
    if (came !== undefined && replicator) replicator.came(came);
    else if (came !== undefined) keeper.came(came);
    onSupers(came);
  });
}

/** Answers lookups of others. Only who is named as a super-peer is one here: whoever is merely told of could be anybody. */
function serving(parts: LookupPartsNeeds, limits: LookupLimits, { index, supers, book, leased }: Pick<LookupParts, 'supers' | 'book'> & { index: ProviderIndex; leased(peer: string, direct: boolean): void }): NonNullable<LookupParts['serve']> {
  const { options: { trace }, limits: { frameMs }, sharedRanges } = parts;
  const isSuper = (peer: string): boolean => supers.isSuper(peer, (address) => !book.isTold(address));
  const needs = { index, quotas: new LookupQuotas(limits), limits, frameMs, trace, now: Date.now, isSuper, leased };
  return (channel, peer, signal, address) => serveLookup(channel, { peer, group: quotaGroup(address, peer, sharedRanges), isSuper: isSuper(peer) }, needs, signal);
}

/** A relay that takes this peer in, or goes, changes where it is reached. */
function followRelays(libp2p: FullLibp2p, keeper: LeaseKeeper): void {
  libp2p.addEventListener('self:peer:update', () => keeper.addressesChanged());
}

/** A super-peer takes its own lease into its index. */
function keepOwn(index: ProviderIndex, own: OwnLease, lease: Lease, leased: (peer: string, direct: boolean) => void): void {
  if (index.offer(lease, Date.now(), { direct: true, mayMirror: true }).outcome === 'differs') {
    const under = index.repair(lease.peer, own.cids.hashes());
    for (const bucket of under.wanted) under.fill(bucket, own.cids.digests(bucket));
  }
  leased(lease.peer, true);
}

/** A super-peer looks into its own index first, and asks another one only when that knows nobody. */
function ownIndex(index: ProviderIndex, remote: SuperFinder, { self, meet }: { readonly self: string; meet(provider: Addressed): Promise<void> }): Pick<SuperFinder, 'find' | 'failed' | 'stop'> {
  return {
    find: async (cid, signal, options): Promise<readonly NamedProvider[]> => {
      const here = index.find(cid, Date.now()).filter(({ lease }) => lease.peer !== self).map(({ lease, leftMs }) => ({ peer: lease.peer, addresses: lease.addresses, leftMs, zone: lease.zone }));
      await Promise.all(here.map(meet));
      options?.trace?.begin('super', { peer: self }).end({ outcome: here.length > 0 ? 'found' : 'nobody', providers: here.length });
      return here.length > 0 && !options?.all ? here : [...here, ...(await remote.find(cid, signal, options))];
    },
    failed: (cid, provider, verdict) => remote.failed(cid, provider, verdict),
    stop: () => remote.stop(),
  };
}
