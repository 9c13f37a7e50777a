import type { PeerId, Connection } from '@libp2p/interface';
import { protocols } from '@souk/contracts';
import { signerOf, type SuperVerdict } from '@souk/domain';
import { BlobFetcher } from '../blob/blob-fetcher.ts';
import { serveBlobs } from '../blob/blob-server.ts';
import { Gossip } from '../gossip/gossip.ts';
import { Neighbours } from '../links/neighbours.ts';
import { SpareLinks } from '../links/spare-links.ts';
import { Announcer } from '../lookup/announcer.ts';
import { introduce } from '../lookup/introduce.ts';
import { LeafDht } from '../lookup/leaf-dht.ts';
import { defaultLookupLimits } from '../lookup/lookup-limits.ts';
import { lookupParts, type LookupParts } from '../lookup/lookup-parts.ts';
import { ProviderFinder } from '../lookup/provider-finder.ts';
import { FreshSigner } from '../network/fresh-signer.ts';
import { defaultFreshness, FreshnessWatch } from '../network/freshness-watch.ts';
import { NetworkTalk } from '../network/network-talk.ts';
import type { HeldHeads } from '../sync/held-heads.ts';
import type { PeerNeeds, PeerNodeOptions } from '../peer-node.ts';
import { pushParts, type PushParts } from '../push/push-parts.ts';
import { Queries } from '../query/queries.ts';
import { queryService } from '../query/query-service.ts';
import type { Spreading } from '../sync/news-teller.ts';
import { serveSync } from '../sync/sync-server.ts';
import type { Syncer } from '../sync/syncer.ts';
import type { FullLibp2p } from './create-libp2p-node.ts';
import { linksOf } from './links.ts';
import type { PeerLimits } from './peer-limits.ts';
import type { PeerLog } from './peer-log.ts';
import type { SharedRanges } from './shared-ranges.ts';
import type { StoreParts } from './store-parts.ts';
import { Streams } from './streams.ts';
import { Turns } from './turns.ts';
import { underDeadline } from './waiting.ts';

const defaultMaxBlobBytes = 268_435_456;
const unknownRank = 0.5;

/** The parts of a node, wired to each other but not running. */
export interface PeerParts {
  /** What it has in common with other identities over the same store. */
  readonly store: StoreParts;
  readonly streams: Streams;
  /** Undefined for a leaf. */
  readonly gossip: Gossip | undefined;
  readonly push: PushParts;
  readonly lookup: LookupParts;
  readonly fetcher: BlobFetcher;
  /** Undefined for a leaf. */
  readonly announcer: Announcer | undefined;
  /** Only of a leaf. */
  readonly leafDht: LeafDht | undefined;
  readonly neighbours: Neighbours;
  /** Undefined for a leaf, which opens few links. */
  readonly spare: SpareLinks | undefined;
  readonly talk: NetworkTalk;
  readonly queries: Queries;
  /** Of the first identity, where freshness is watched. */
  readonly watch: FreshnessWatch | undefined;
  /** Serves our protocols and follows links; call it before libp2p starts. */
  attach(linksChanged: () => void): Promise<void>;
}

/** What identities over one store share. */
export interface Shared {
  readonly limits: PeerLimits;
  readonly store: StoreParts;
  readonly sharedRanges: SharedRanges;
  /** The first identity is the one that follows pushes and asks for the charter, for all of them. */
  readonly isFirst: boolean;
}

/** Makes the parts of a node. */
export function peerParts(libp2p: FullLibp2p, needs: PeerNeeds, options: PeerNodeOptions, shared: Shared): PeerParts {
  const { logs, blobs, log } = needs;
  const { limits, store } = shared;
  const { dht, pubsub } = libp2p.services;
  const { heads, intake, verifier, syncer, observe, blame } = store;
  const linked = (): readonly string[] => [...linksOf(libp2p).keys()];
  const rank = (peer: string): number => options.rank?.(peer) ?? unknownRank;
  const turns = new Turns();
  const streams = new Streams({ libp2p, limits, log, trace: options.trace, tap: options.tap, turns });
  store.links.join(streams);
  const ask = (peer: string): void => syncer.request(peer);
  const gossip = pubsub && new Gossip({ pubsub, logs, intake, limits, log, turns, ask, blame, heard: (ms) => options.tap?.heard?.(ms) });
  const open = streams.openBlob.bind(streams);
  const leafDht = options.role === 'leaf' ? new LeafDht({ libp2p, limits, log, served: (most) => lookup.keeper.newest(most) }) : undefined;
  const finder = new ProviderFinder({ self: libp2p.peerId.toString(), dht: () => dht ?? leafDht?.client, limits, open, linked, rank, meet: (provider) => introduce(libp2p, provider) });
  const lookup = lookupParts({ libp2p, needs, options, limits, sharedRanges: shared.sharedRanges, streams, finder, dht: () => dht ?? leafDht?.client, rank, onFulls: (addresses, teller) => neighbours.remember(addresses, teller), onSupers: (came) => supersChanged({ talk, neighbours, watch, leafDht }, came) });
  const push = pushParts({ options, logs, heads, intake, verifier, streams, limits, log, supers: () => lookup.supers.linked(), greeted: (peer, root) => greeted(syncer, peer, root, log), ask, blame });
  const talk = talkOf({ options, log, linked, streams, lookup, heads });
  const watch = watchOf({ self: libp2p.peerId.toString(), options, shared, logs, lookup, talk });
  const queries = new Queries({ limits: { ...defaultLookupLimits, ...options.lookupLimits }, log, verifier, supers: () => lookup.supers.linked(), firstSuper: (signal) => lookup.supers.first(signal), open: (peer, signal) => streams.openQuery(peer, signal), judged: (peer, verdict) => options.lookupTap?.judged?.(peer, verdict), blame });
  const fetcher = new BlobFetcher({ blobs, finder: lookup.lookups, limits, down: store.bandwidth.down, log, open, observe, fetched: (code, ms, bytes) => options.lookupTap?.fetched?.(code, ms, bytes), maxBlobBytes: options.maxBlobBytes ?? defaultMaxBlobBytes });
  const announcer = dht && new Announcer({ dht, limits, log, linked });
  const alone = leafDht && { wanted: () => (lookup.supers.isLost ? limits.neighbours : 0), onSeek: async () => (lookup.supers.isLost ? leafDht.open() : undefined), isRemembered: (peer: string) => !lookup.supers.isSuper(peer) };
  const neighbours = new Neighbours({ libp2p, limits, log, bootstrap: options.bootstrap ?? [], remembered: options.remembered ?? [], onRemember: (addresses) => options.onRemember?.(addresses), ...alone });
  const spare = gossip && new SpareLinks({ libp2p, limits, log, mesh: () => gossip.mesh(), isSuper: (peer) => lookup.supers.isSuper(peer) });
  const spreading: Spreading = { isPushedTo: (peer) => push.reaches(peer), isGossipedTo: (peer) => gossip?.hears(peer) ?? false, isGossiped: (source, count) => gossip?.spreads(source, count) ?? false };
  store.spreading.push(spreading);
  store.arrived.add(({ records, source }) => {
    lookup.lookups.newRecords(records);
    push.tell(records, source);
    if (shared.isFirst && source !== undefined && spreading.isGossiped(source, records.length)) gossip?.publish(records).catch((error: unknown) => log.warn('records of a leaf could not be gossiped; others will ask for them', { error }));
  });
  const attach = (linksChanged: () => void): Promise<void> => attachTo({ libp2p, needs, options }, { ...shared, streams, push, announcer, lookup, talk, linksChanged });
  return { store, streams, gossip, push, lookup, fetcher, announcer, leafDht, neighbours, spare, talk, queries, watch, attach };
}

function talkOf(parts: { options: PeerNodeOptions; log: PeerLog; linked(): readonly string[]; streams: Streams; lookup: LookupParts; heads: HeldHeads }): NetworkTalk {
  const { options, log, linked, streams, lookup, heads } = parts;
  const { now = Date.now, everyMs = defaultFreshness.everyMs } = options.freshness ?? {};
  const signer = options.role === 'super' ? new FreshSigner({ signer: signerOf(options.seed), tree: () => heads.tree(), now, everyMs }) : undefined;
  const supers = (): readonly string[] => (options.role === 'super' ? lookup.supers.addresses() : []);
  return new NetworkTalk({ charter: options.charter, signer, log, linked, open: (peer, signal) => streams.openNetwork(peer, signal), supers, zone: options.zone, onSupers: (addresses) => lookup.book.tell(addresses), onZone: (peer, zone) => lookup.supers.learn(peer, zone) });
}

function watchOf(parts: { self: string; options: PeerNodeOptions; shared: Shared; logs: PeerNeeds['logs']; lookup: LookupParts; talk: NetworkTalk }): FreshnessWatch | undefined {
  const { self, options, shared, logs, lookup, talk } = parts;
  const { heads, syncer } = shared.store;
  if (!options.freshness || !shared.isFirst) return undefined;
  const judged = (peer: string, verdict: SuperVerdict): void => options.lookupTap?.judged?.(peer, verdict);
  return new FreshnessWatch({ self, options: options.freshness, follows: options.follows, logs, tree: () => heads.tree(), linked: () => lookup.supers.linked(), ask: (peer, work) => talk.with(peer, work), sync: (peer) => syncer.sync(peer), judged });
}

function supersChanged({ talk, neighbours, watch, leafDht }: Pick<PeerParts, 'talk' | 'neighbours' | 'watch' | 'leafDht'>, came: string | undefined): void {
  if (came !== undefined) void leafDht?.close();
  if (came !== undefined) talk.superCame(came);
  if (came !== undefined) void watch?.checkOne(came);
  neighbours.go();
}

interface Hub extends Shared {
  readonly streams: Streams;
  readonly push: PushParts;
  readonly announcer: Announcer | undefined;
  readonly lookup: Pick<LookupParts, 'serve' | 'supers'>;
  readonly talk: NetworkTalk;
  linksChanged(): void;
}

async function attachTo(node: { libp2p: FullLibp2p; needs: PeerNeeds; options: PeerNodeOptions }, hub: Hub): Promise<void> {
  const { libp2p, options, needs } = node;
  const { logs, blobs, log } = needs;
  const { limits, streams, push, lookup, talk } = hub;
  const { heads, syncer } = hub.store;
  await streams.serve({
    sync: (channel, peer, signal) => underDeadline({ timeoutMs: limits.serveMs, signal }, (within) => serveSync(channel, { logs, heads, limits, trace: options.trace, greeted: (root) => greeted(syncer, peer, root, log) }, within)),
    blob: (channel, _peer, signal) => serveBlobs(channel, { blobs, limits, up: hub.store.bandwidth.up, trace: options.trace }, signal),
    network: (channel, peer, signal) => talk.serve(channel, peer, AbortSignal.any([signal, AbortSignal.timeout(limits.serveMs)])),
    lookup: lookup.serve,
    push: push.serve,
    query: queryService(options, hub.sharedRanges),
  });
  await followLinks(libp2p, hub);
  const { follower } = push;
  if (follower && hub.isFirst) {
    // Whom identify says to push: peers of versions that don't are never asked to.
    await libp2p.register(protocols.push, { onConnect: (peer) => follower.offered(peer.toString()), onDisconnect: (peer) => follower.forget(peer.toString()) });
    lookup.supers.changes.add(() => follower.level());
  }
  libp2p.addEventListener('peer:connect', hub.linksChanged);
  libp2p.addEventListener('peer:disconnect', hub.linksChanged);
  libp2p.addEventListener('self:peer:update', hub.linksChanged);
}

/** Whoever dialled asks first; its greeting tells the other side whether to ask back. One identity asks for all of them. */
async function followLinks(libp2p: FullLibp2p, { store: { links, syncer }, streams, talk, announcer, isFirst }: Hub): Promise<void> {
  const onConnect = (id: PeerId, connection: Connection): void => {
    if (connection.status !== 'open') return;
    const peer = id.toString();
    const isNew = links.came(peer, streams);
    if (connection.direction === 'outbound') {
      if (isNew) syncer.request(peer);
      if (isFirst) talk.dialled(peer);
    }
    announcer?.go();
  };
  await libp2p.register(protocols.sync, { onConnect });
  libp2p.addEventListener('peer:disconnect', ({ detail }) => {
    const peer = detail.toString();
    if (links.went(peer, streams)) syncer.forget(peer);
    streams.forget(peer);
  });
}

/** A peer told its head root. */
function greeted(syncer: Syncer, peer: string, root: string, log: PeerNeeds['log']): void {
  syncer.greeted(peer, root).catch((error: unknown) => log.error('a greeting could not be judged', { peer, error }));
}
