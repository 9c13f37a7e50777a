import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PeerId, Connection } from '@libp2p/interface';
import { protocols, type FrameRecord } from '@souk/contracts';
import { blobCid, InlineRecordVerifier, IntroductionBudget, sha256Of, type Cid, type ForkProof, type Outcome, type StoredObservation, type StoredRecord } from '@souk/domain';
import { BlobFetcher } from '../blob/blob-fetcher.ts';
import { serveBlobs } from '../blob/blob-server.ts';
import { Gossip } from '../gossip/gossip.ts';
import { Neighbours } from '../links/neighbours.ts';
import { Announcer } from '../lookup/announcer.ts';
import { LeafDht } from '../lookup/leaf-dht.ts';
import { lookupParts, type LookupParts } from '../lookup/lookup-parts.ts';
import { ProviderFinder } from '../lookup/provider-finder.ts';
import { NetworkTalk } from '../network/network-talk.ts';
import type { PeerNeeds, PeerNodeOptions } from '../peer-node.ts';
import { pushParts, type PushParts } from '../push/push-parts.ts';
import { ChargedIntake } from '../sync/charged-intake.ts';
import { HeldHeads } from '../sync/held-heads.ts';
import { RecordIntake } from '../sync/record-intake.ts';
import { serveSync } from '../sync/sync-server.ts';
import { Syncer } from '../sync/syncer.ts';
import type { FullLibp2p } from './create-libp2p-node.ts';
import { Listeners } from './listeners.ts';
import { linksOf } from './links.ts';
import type { PeerLimits } from './peer-limits.ts';
import type { PeerLog } from './peer-log.ts';
import { Streams } from './streams.ts';

const defaultMaxBlobBytes = 268_435_456;
const unknownRank = 0.5;

/** The parts of a node, wired to each other but not running. */
export interface PeerParts {
  readonly heads: HeldHeads;
  readonly streams: Streams;
  readonly syncer: Syncer;
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
  readonly talk: NetworkTalk;
  readonly records: Listeners<readonly StoredRecord[]>;
  readonly forks: Listeners<readonly ForkProof[]>;
  readonly observations: Listeners<StoredObservation>;
  /** Serves our protocols and follows links; call it before libp2p starts. */
  attach(linksChanged: () => void): Promise<void>;
}

/** Makes the parts of a node. */
export function peerParts(libp2p: FullLibp2p, needs: PeerNeeds, options: PeerNodeOptions, limits: PeerLimits): PeerParts {
  const { logs, blobs, log, observations: store, verifier = new InlineRecordVerifier(nextTurn) } = needs;
  const { dht, pubsub } = libp2p.services;
  const records = new Listeners<readonly StoredRecord[]>(log);
  const forks = new Listeners<readonly ForkProof[]>(log);
  const observations = new Listeners<StoredObservation>(log);
  const linked = (): readonly string[] => [...linksOf(libp2p).keys()];
  const rank = (peer: string): number => options.rank?.(peer) ?? unknownRank;
  const streams = new Streams({ libp2p, limits, log, trace: options.trace, tap: options.tap });
  const heads = new HeldHeads(logs);
  const taken = new RecordIntake({ logs }, { records: (stored, source) => arrived(stored, source), forks: (proofs) => forks.tell(proofs) });
  const intake = chargedIntake(taken, needs, options);
  const blame = (peer: string, culprit: FrameRecord): void => void observe({ peer, cid: blobCid(sha256Of(culprit.header)), outcome: 'corrupt' });
  const syncer = new Syncer({ logs, heads, intake, verifier, limits, log, linked, isPushedTo: (peer) => push.reaches(peer), blame, open: (peer, signal) => streams.openSync(peer, signal) });
  const gossip = pubsub && new Gossip({ pubsub, logs, intake, limits, log, ask: (peer) => ask(peer), blame });
  const open = streams.openBlob.bind(streams);
  const leafDht = options.role === 'leaf' ? new LeafDht(libp2p, limits) : undefined;
  const finder = new ProviderFinder({ self: libp2p.peerId.toString(), dht: () => dht ?? leafDht?.client, limits, open, linked, rank });
  const lookup = lookupParts({ libp2p, needs, options, limits, streams, finder, rank, onFulls: (addresses) => neighbours.remember(addresses), onSupers: (came) => supersChanged({ talk, neighbours }, came) });
  const ask = (peer: string): void => syncer.request(peer);
  const push = pushParts({ options, logs, heads, intake, verifier, streams, limits, log, supers: () => lookup.supers.linked(), greeted: (peer, root) => greeted(syncer, peer, root, log), ask, blame });
  const talk = talkOf({ options, log, linked, streams, lookup });
  const fetcher = new BlobFetcher({ blobs, finder: lookup.lookups, limits, log, open, observe, maxBlobBytes: options.maxBlobBytes ?? defaultMaxBlobBytes });
  const announcer = dht && new Announcer({ dht, limits, log, linked });
  const alone = leafDht && { wanted: () => (lookup.supers.isLost ? limits.neighbours : 0), onSeek: () => leafDht.open(), isRemembered: (peer: string) => !lookup.supers.isSuper(peer) };
  const neighbours = new Neighbours({ libp2p, limits, log, bootstrap: options.bootstrap ?? [], remembered: options.remembered ?? [], onRemember: (addresses) => options.onRemember?.(addresses), ...alone });
  records.add((stored) => lookup.lookups.newRecords(stored.map((one) => one.record)));

  function arrived(stored: readonly StoredRecord[], source: string): void {
    records.tell(stored);
    push.tell(stored.map((one) => one.record), source);
  }

  async function observe(seen: { peer: string; cid: Cid; outcome: Outcome; bytes?: number; ms?: number }): Promise<void> {
    try {
      const stored = await store?.add({ bytes: 0, ms: 0, ...seen, at: Date.now() });
      if (stored) observations.tell(stored);
    } catch (error) {
      log.warn('an observation could not be kept', { peer: seen.peer, error });
    }
  }

  const attach = (linksChanged: () => void): Promise<void> => attachTo({ libp2p, needs, options, limits }, { streams, heads, syncer, push, announcer, lookup, talk, linksChanged });
  return { heads, streams, syncer, gossip, push, lookup, fetcher, announcer, leafDht, neighbours, talk, records, forks, observations, attach };
}

function chargedIntake(intake: RecordIntake, { logs, log }: PeerNeeds, { introductions }: PeerNodeOptions): ChargedIntake {
  const budget = introductions && new IntroductionBudget(introductions.perDay);
  return new ChargedIntake({ logs, intake, budget, now: introductions?.now ?? Date.now, log, deferred: (peer, count) => introductions?.deferred?.(peer, count) });
}

function talkOf(parts: { options: PeerNodeOptions; log: PeerLog; linked(): readonly string[]; streams: Streams; lookup: LookupParts }): NetworkTalk {
  const { options, log, linked, streams, lookup } = parts;
  const supers = (): readonly string[] => (options.role === 'super' ? lookup.supers.addresses() : []);
  return new NetworkTalk({ charter: options.charter, log, linked, open: (peer, signal) => streams.openNetwork(peer, signal), supers, onSupers: (addresses) => lookup.book.tell(addresses) });
}

function supersChanged({ talk, neighbours }: Pick<PeerParts, 'talk' | 'neighbours'>, came: string | undefined): void {
  if (came !== undefined) talk.superCame(came);
  neighbours.go();
}

interface Hub {
  readonly streams: Streams;
  readonly heads: HeldHeads;
  readonly syncer: Syncer;
  readonly push: PushParts;
  readonly announcer: Announcer | undefined;
  readonly lookup: Pick<LookupParts, 'serve' | 'supers'>;
  readonly talk: NetworkTalk;
  linksChanged(): void;
}

async function attachTo(node: { libp2p: FullLibp2p; needs: PeerNeeds; options: PeerNodeOptions; limits: PeerLimits }, hub: Hub): Promise<void> {
  const { libp2p, limits, options, needs } = node;
  const { logs, blobs, log } = needs;
  const { streams, heads, syncer, push, announcer, lookup, talk } = hub;
  await streams.serve({
    sync: (channel, peer, signal) => serveSync(channel, { logs, heads, limits, trace: options.trace, greeted: (root) => greeted(syncer, peer, root, log) }, AbortSignal.any([signal, AbortSignal.timeout(limits.serveMs)])),
    blob: (channel, _peer, signal) => serveBlobs(channel, { blobs, limits, trace: options.trace }, signal),
    network: (channel, peer, signal) => talk.serve(channel, peer, signal),
    lookup: lookup.serve,
    push: push.serve,
  });
  // Whoever dialled asks first; its greeting tells the other side whether to ask back.
  const onConnect = (peer: PeerId, connection: Connection): void => {
    if (connection.direction === 'outbound') {
      syncer.request(peer.toString());
      talk.dialled(peer.toString());
    }
    announcer?.go();
  };
  const onDisconnect = (peer: PeerId): void => {
    syncer.forget(peer.toString());
    streams.forget(peer.toString());
  };
  await libp2p.register(protocols.sync, { onConnect, onDisconnect });
  const { follower } = push;
  if (follower) {
    // Whom identify says to push: peers of versions that don't are never asked to.
    await libp2p.register(protocols.push, { onConnect: (peer) => follower.offered(peer.toString()), onDisconnect: (peer) => follower.forget(peer.toString()) });
    lookup.supers.changes.add(() => follower.level());
  }
  libp2p.addEventListener('peer:connect', hub.linksChanged);
  libp2p.addEventListener('peer:disconnect', hub.linksChanged);
}

/** A peer told its head root. */
function greeted(syncer: Syncer, peer: string, root: string, log: PeerNeeds['log']): void {
  syncer.greeted(peer, root).catch((error: unknown) => log.error('a greeting could not be judged', { peer, error }));
}
