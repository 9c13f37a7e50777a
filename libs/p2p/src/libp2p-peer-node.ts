import { multiaddr } from '@multiformats/multiaddr';
import type { PeerLine, Role } from '@souk/contracts';
import { networkIdOf, SoukError, type Cid, type ForkProof, type StoredObservation, type StoredRecord, type VerifiedRecord } from '@souk/domain';
import type { FetchOptions, FetchReport } from './blob/blob-fetcher.ts';
import type { Lookup } from './lookup/lookups.ts';
import type { FullLibp2p } from './node/create-libp2p-node.ts';
import { Listeners } from './node/listeners.ts';
import { linksOf, parsePeerId } from './node/links.ts';
import { dialError, listenError } from './node/peer-errors.ts';
import type { PeerParts } from './node/peer-parts.ts';
import { stopLibp2p } from './node/stop-libp2p.ts';
import type { PeerNeeds, PeerNode, PeerNodeOptions } from './peer-node.ts';
import type { SyncReport } from './sync/sync-report.ts';

const defaultReconcileMs = 30_000;
type Signalled = { readonly signal?: AbortSignal };

/** A peer node over libp2p. */
export class Libp2pPeerNode implements PeerNode {
  readonly peerId: string;
  readonly role: Role;
  readonly networkId: string;
  readonly #libp2p: FullLibp2p;
  readonly #parts: PeerParts;
  readonly #needs: PeerNeeds;
  readonly #options: PeerNodeOptions;
  readonly #links: Listeners<readonly PeerLine[]>;
  readonly #stopping = new AbortController();
  #stopped: Promise<void> | undefined;

  constructor(libp2p: FullLibp2p, parts: PeerParts, needs: PeerNeeds, options: PeerNodeOptions) {
    this.peerId = libp2p.peerId.toString();
    this.role = options.role ?? 'full';
    this.networkId = networkIdOf(options.networkKey);
    this.#libp2p = libp2p;
    this.#parts = parts;
    this.#needs = needs;
    this.#options = options;
    this.#links = new Listeners(needs.log);
  }

  multiaddrs(): readonly string[] {
    return this.#libp2p.getMultiaddrs().map(String);
  }

  async start(): Promise<void> {
    if (this.#stopped) throw new SoukError('UNAVAILABLE', 'A peer node that was stopped can not be started again.');
    const { attach, gossip, heads, syncer, neighbours, lookup } = this.#parts;
    const linksChanged = (): void => this.#links.tell(this.links());
    await attach(linksChanged);
    lookup.supers.changes.add(linksChanged);
    try {
      await this.#libp2p.start();
    } catch (error) {
      throw listenError(this.#options.listen ?? [], error);
    }
    // Nobody who greets has to wait for it then.
    heads.tree().catch((error: unknown) => this.#needs.log.error('the heads could not be read', { error }));
    gossip?.start();
    syncer.start(this.#options.reconcileMs ?? defaultReconcileMs);
    lookup.start();
    neighbours.start();
  }

  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  async #stop(): Promise<void> {
    const { neighbours, announcer, syncer, fetcher, streams, gossip, push, lookup, leafDht, talk } = this.#parts;
    this.#stopping.abort(new SoukError('CANCELLED', 'The peer is stopping.'));
    talk.stop();
    await lookup.stop();
    await neighbours.stop();
    announcer?.stop();
    await leafDht?.close();
    await Promise.all([syncer.stop(), push.stop(), fetcher.stop(), streams.stop()]);
    await stopLibp2p(this.#libp2p);
    await gossip?.stop();
  }

  async dial(address: string, options: Signalled = {}): Promise<string> {
    const target = parseAddress(address);
    try {
      const connection = await this.#libp2p.dial(target, options);
      return connection.remotePeer.toString();
    } catch (error) {
      throw dialError(address, error, options.signal);
    }
  }

  async hangUp(peer: string): Promise<void> {
    await this.#libp2p.hangUp(parsePeerId(peer));
  }

  links(): readonly PeerLine[] {
    return [...linksOf(this.#libp2p)].map(([peer, connection]) => {
      const score = this.#options.rank?.(peer);
      const latencyMs = connection.rtt;
      return {
        peer,
        addresses: [connection.remoteAddr.toString()],
        direction: connection.direction,
        inSync: this.#parts.syncer.inSync(peer),
        ...(latencyMs === undefined ? {} : { latencyMs }),
        ...(score === undefined ? {} : { score }),
      };
    });
  }

  async announceRecords(records: readonly VerifiedRecord[]): Promise<void> {
    const { lookup, gossip, push, syncer } = this.#parts;
    lookup.lookups.newRecords(records);
    push.tell(records);
    // Without gossip, whoever is linked is greeted: the greeting tells that there is something new here.
    if (!gossip) for (const { peer } of this.links()) syncer.request(peer);
    try {
      await gossip?.publish(records);
    } catch (error) {
      this.#needs.log.warn('records could not be gossiped; others will ask for them', { error, records: records.length });
    }
  }

  onRecords(listener: (records: readonly StoredRecord[]) => void): () => void {
    return this.#parts.records.add(listener);
  }

  onForks(listener: (proofs: readonly ForkProof[]) => void): () => void {
    return this.#parts.forks.add(listener);
  }

  onLinks(listener: (links: readonly PeerLine[]) => void): () => void {
    return this.#links.add(listener);
  }

  onObservation(listener: (stored: StoredObservation) => void): () => void {
    return this.#parts.observations.add(listener);
  }

  onIndex(listener: () => void): () => void {
    return this.#parts.lookup.indexChanges.add(listener);
  }

  headRoot(): Promise<string> {
    return this.#parts.heads.root();
  }

  async syncWith(peer: string, options: Signalled = {}): Promise<SyncReport> {
    parsePeerId(peer);
    return this.#parts.syncer.sync(peer, options.signal);
  }

  lookup(cid: Cid, options: Signalled = {}): Promise<Lookup> {
    const signals = [this.#stopping.signal, ...(options.signal ? [options.signal] : [])];
    return this.#parts.lookup.lookups.lookup(cid, AbortSignal.any(signals));
  }

  async fetchBlob(cid: Cid, options: FetchOptions): Promise<FetchReport> {
    if (this.#stopped) throw new SoukError('UNAVAILABLE', 'The peer is stopping.');
    return this.#parts.fetcher.fetch(cid, options);
  }

  setSupers(addresses: readonly string[]): void {
    for (const address of addresses) parseAddress(address);
    this.#parts.lookup.book.name(addresses);
  }

  setBootstrap(addresses: readonly string[]): void {
    for (const address of addresses) parseAddress(address);
    this.#parts.neighbours.setBootstrap(addresses);
  }

  charterChanged(): void {
    this.#parts.talk.changed();
  }

  superPeers(): readonly string[] {
    return this.#parts.lookup.supers.linked();
  }

  indexSize(): { readonly leases: number; readonly pairs: number; readonly cids: number } | undefined {
    return this.#parts.lookup.index?.size;
  }

  async provide(cids: readonly Cid[]): Promise<void> {
    this.#parts.lookup.keeper.add(cids);
    await this.#parts.announcer?.add(cids);
  }

  async withdraw(cids: readonly Cid[]): Promise<void> {
    this.#parts.lookup.keeper.remove(cids);
    await this.#parts.announcer?.remove(cids);
  }
}

function parseAddress(address: string): ReturnType<typeof multiaddr> {
  try {
    return multiaddr(address);
  } catch (cause) {
    throw new SoukError('BAD_REQUEST', `"${address.slice(0, 80)}" is not an address of a peer.`, { hint: 'It looks like /ip4/192.0.2.1/tcp/7686/p2p/12D3Koo...', cause });
  }
}
