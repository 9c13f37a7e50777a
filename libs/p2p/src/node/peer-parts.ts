import type { PeerId, Connection } from '@libp2p/interface';
import { protocols, type FrameRecord } from '@souk/contracts';
import { blobCid, IntroductionBudget, sha256Of, type Cid, type ForkProof, type Outcome, type StoredObservation, type StoredRecord } from '@souk/domain';
import { BlobFetcher } from '../blob/blob-fetcher.ts';
import { serveBlobs } from '../blob/blob-server.ts';
import { Gossip } from '../gossip/gossip.ts';
import { Neighbours } from '../links/neighbours.ts';
import { Announcer } from '../lookup/announcer.ts';
import { ProviderFinder } from '../lookup/provider-finder.ts';
import type { PeerNeeds, PeerNodeOptions } from '../peer-node.ts';
import { ChargedIntake } from '../sync/charged-intake.ts';
import { HeldHeads } from '../sync/held-heads.ts';
import { RecordIntake } from '../sync/record-intake.ts';
import { serveSync } from '../sync/sync-server.ts';
import { Syncer } from '../sync/syncer.ts';
import type { FullLibp2p } from './create-libp2p-node.ts';
import { Listeners } from './listeners.ts';
import { linksOf } from './links.ts';
import type { PeerLimits } from './peer-limits.ts';
import { Streams } from './streams.ts';

const defaultMaxBlobBytes = 268_435_456;
const unknownRank = 0.5;

/** The parts of a node, wired to each other but not running. */
export interface PeerParts {
  readonly heads: HeldHeads;
  readonly streams: Streams;
  readonly syncer: Syncer;
  readonly gossip: Gossip;
  readonly finder: ProviderFinder;
  readonly fetcher: BlobFetcher;
  readonly announcer: Announcer;
  readonly neighbours: Neighbours;
  readonly records: Listeners<readonly StoredRecord[]>;
  readonly forks: Listeners<readonly ForkProof[]>;
  readonly observations: Listeners<StoredObservation>;
  /** Serves our protocols and follows links; call it before libp2p starts. */
  attach(linksChanged: () => void): Promise<void>;
}

/** Makes the parts of a node. */
export function peerParts(libp2p: FullLibp2p, needs: PeerNeeds, options: PeerNodeOptions, limits: PeerLimits): PeerParts {
  const { logs, blobs, log, observations: store } = needs;
  const { dht, pubsub } = libp2p.services;
  const records = new Listeners<readonly StoredRecord[]>(log);
  const forks = new Listeners<readonly ForkProof[]>(log);
  const observations = new Listeners<StoredObservation>(log);
  const linked = (): readonly string[] => [...linksOf(libp2p).keys()];
  const rank = (peer: string): number => options.rank?.(peer) ?? unknownRank;
  const streams = new Streams({ libp2p, limits, log, trace: options.trace, tap: options.tap });
  const heads = new HeldHeads(logs);
  const taken = new RecordIntake({ logs }, { records: (stored) => records.tell(stored), forks: (proofs) => forks.tell(proofs) });
  const { introductions } = options;
  const intake = new ChargedIntake({
    logs,
    intake: taken,
    budget: introductions && new IntroductionBudget(introductions.perDay),
    now: introductions?.now ?? Date.now,
    log,
    deferred: (peer, count) => introductions?.deferred?.(peer, count),
  });
  const blame = (peer: string, culprit: FrameRecord): void => void observe({ peer, cid: blobCid(sha256Of(culprit.header)), outcome: 'corrupt' });
  const syncer = new Syncer({ logs, heads, intake, limits, log, linked, blame, open: (peer, signal) => streams.openSync(peer, signal) });
  const gossip = new Gossip({ pubsub, logs, intake, limits, log, ask: (peer) => syncer.request(peer) });
  const open = streams.openBlob.bind(streams);
  const finder = new ProviderFinder({ self: libp2p.peerId.toString(), blobs, dht, limits, open, linked, rank });
  const fetcher = new BlobFetcher({ blobs, finder, limits, log, open, observe, maxBlobBytes: options.maxBlobBytes ?? defaultMaxBlobBytes });
  const announcer = new Announcer({ dht, limits, log, linked });
  const neighbours = new Neighbours({ libp2p, limits, log, bootstrap: options.bootstrap ?? [], remembered: options.remembered ?? [], onRemember: (addresses) => options.onRemember?.(addresses) });
  records.add(() => finder.newsArrived());

  async function observe(seen: { peer: string; cid: Cid; outcome: Outcome; bytes?: number; ms?: number }): Promise<void> {
    try {
      const stored = await store?.add({ bytes: 0, ms: 0, ...seen, at: Date.now() });
      if (stored) observations.tell(stored);
    } catch (error) {
      log.warn('an observation could not be kept', { peer: seen.peer, error });
    }
  }

  const attach = (linksChanged: () => void): Promise<void> => attachTo({ libp2p, needs, options, limits }, { streams, heads, syncer, announcer, linksChanged });
  return { heads, streams, syncer, gossip, finder, fetcher, announcer, neighbours, records, forks, observations, attach };
}

interface Hub {
  readonly streams: Streams;
  readonly heads: HeldHeads;
  readonly syncer: Syncer;
  readonly announcer: Announcer;
  linksChanged(): void;
}

async function attachTo(node: { libp2p: FullLibp2p; needs: PeerNeeds; options: PeerNodeOptions; limits: PeerLimits }, hub: Hub): Promise<void> {
  const { libp2p, limits, options, needs } = node;
  const { logs, blobs, log } = needs;
  const { streams, heads, syncer, announcer } = hub;
  const greeted = (peer: string, root: string): void => {
    syncer.greeted(peer, root).catch((error: unknown) => log.error('a greeting could not be judged', { peer, error }));
  };
  await streams.serve({
    sync: (channel, peer, signal) => serveSync(channel, { logs, heads, limits, trace: options.trace, greeted: (root) => greeted(peer, root) }, AbortSignal.any([signal, AbortSignal.timeout(limits.serveMs)])),
    blob: (channel, _peer, signal) => serveBlobs(channel, { blobs, limits, trace: options.trace }, signal),
  });
  // Whoever dialled asks first; its greeting tells the other side whether to ask back.
  const onConnect = (peer: PeerId, connection: Connection): void => {
    if (connection.direction === 'outbound') syncer.request(peer.toString());
    announcer.go();
  };
  const onDisconnect = (peer: PeerId): void => {
    syncer.forget(peer.toString());
    streams.forget(peer.toString());
  };
  await libp2p.register(protocols.sync, { onConnect, onDisconnect });
  libp2p.addEventListener('peer:connect', hub.linksChanged);
  libp2p.addEventListener('peer:disconnect', hub.linksChanged);
}
