import { multiaddr } from '@multiformats/multiaddr';
import type { PeerLine, Role } from '@souk/contracts';
import { networkIdOf, SoukError, type Cid, type Freshness, type VerifiedRecord } from '@souk/domain';
import type { FetchOptions, FetchReport } from './blob/blob-fetcher.ts';
import type { SuperLine } from './links/super-links.ts';
import type { LeaseView } from './lookup/lease-keeper.ts';
import type { Lookup } from './lookup/lookups.ts';
import type { FullLibp2p } from './node/create-libp2p-node.ts';
import { Listeners } from './node/listeners.ts';
import { linksOf, parsePeerId } from './node/links.ts';
import { dialError, listenError } from './node/peer-errors.ts';
import type { PeerParts } from './node/peer-parts.ts';
import { stopLibp2p } from './node/stop-libp2p.ts';
import type { LookupOptions, PeerIdentity, PeerNeeds, PeerNodeOptions } from './peer-node.ts';
import type { SuperAnswer } from './query/ask-super.ts';
import type { AskOptions } from './query/queries.ts';
import type { Question } from './query/query-server.ts';

type Signalled = { readonly signal?: AbortSignal };

/** One identity of a peer, over libp2p. */
export class Libp2pPeerNode implements PeerIdentity {
  readonly peerId: string;
  readonly role: Role;
  readonly networkId: string;
  readonly #libp2p: FullLibp2p;
  readonly #parts: PeerParts;
  readonly #options: PeerNodeOptions;
  readonly #links: Listeners<void>;
  readonly #stopping = new AbortController();
  #stopped: Promise<void> | undefined;

  constructor(libp2p: FullLibp2p, parts: PeerParts, needs: PeerNeeds, options: PeerNodeOptions) {
    this.peerId = libp2p.peerId.toString();
    this.role = options.role ?? 'full';
    this.networkId = networkIdOf(options.networkKey);
    this.#libp2p = libp2p;
    this.#parts = parts;
    this.#options = options;
    this.#links = new Listeners(needs.log);
  }

  multiaddrs(): readonly string[] {
    return this.#libp2p.getMultiaddrs().map(String);
  }

  /** See `PeerNode.start`. */
  async start(): Promise<void> {
    if (this.#stopped) throw new SoukError('UNAVAILABLE', 'A peer node that was stopped can not be started again.');
    const { attach, gossip, neighbours, spare, lookup, watch } = this.#parts;
    const linksChanged = (): void => this.#links.tell();
    await attach(linksChanged);
    lookup.supers.changes.add(linksChanged);
    try {
      await this.#libp2p.start();
    } catch (error) {
      throw listenError(this.#options.listen ?? [], error);
    }
    gossip?.start();
    lookup.start();
    neighbours.start();
    spare?.start();
    watch?.start();
  }

  /** Starts and resolves when it is linked to super-peers, as far as they can be reached. */
  async startAndLink(): Promise<void> {
    await this.start();
    await this.#parts.lookup.supers.sought();
  }

  /** See `PeerNode.stop`. */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  async #stop(): Promise<void> {
    const { neighbours, spare, announcer, fetcher, streams, gossip, push, lookup, leafDht, talk, watch, queries } = this.#parts;
    this.#stopping.abort(new SoukError('CANCELLED', 'The peer is stopping.'));
    watch?.stop();
    talk.stop();
    queries.stop();
    spare?.stop();
    await lookup.stop();
    await neighbours.stop();
    announcer?.stop();
    await leafDht?.close();
    await Promise.all([push.stop(), fetcher.stop(), streams.stop()]);
    await stopLibp2p(this.#libp2p);
    await gossip?.stop();
  }

  /** See `PeerNode.dial`. */
  async dial(address: string, options: Signalled = {}): Promise<string> {
    const target = parseAddress(address);
    try {
      const connection = await this.#libp2p.dial(target, options);
      return connection.remotePeer.toString();
    } catch (error) {
      throw dialError(address, error, options.signal);
    }
  }

  /** See `PeerNode.hangUp`. */
  async hangUp(peer: string): Promise<void> {
    await this.#libp2p.hangUp(parsePeerId(peer));
  }

  /** See `PeerNode.links`. */
  links(): readonly PeerLine[] {
    return [...linksOf(this.#libp2p)].map(([peer, connection]) => {
      const score = this.#options.rank?.(peer);
      const latencyMs = connection.rtt;
      return {
        peer,
        addresses: [connection.remoteAddr.toString()],
        direction: connection.direction,
        inSync: this.#parts.store.syncer.inSync(peer),
        ...(latencyMs === undefined ? {} : { latencyMs }),
        ...(score === undefined ? {} : { score }),
      };
    });
  }

  /** Gossips records, where this identity takes part in that. */
  async gossip(records: readonly VerifiedRecord[]): Promise<void> {
    await this.#parts.gossip?.publish(records);
  }

  /** Whether it takes part in gossip. */
  get gossips(): boolean {
    return this.#parts.gossip !== undefined;
  }

  /** See `PeerNode.onLinks`. */
  onLinks(listener: () => void): () => void {
    return this.#links.add(listener);
  }

  /** See `PeerNode.onIndex`. */
  onIndex(listener: () => void): () => void {
    return this.#parts.lookup.indexChanges.add(listener);
  }

  lookup(cid: Cid, options: LookupOptions = {}): Promise<Lookup> {
    const signals = [this.#stopping.signal, ...(options.signal ? [options.signal] : [])];
    return this.#parts.lookup.lookups.lookup(cid, AbortSignal.any(signals), options.trace);
  }

  async fetchBlob(cid: Cid, options: FetchOptions): Promise<FetchReport> {
    if (this.#stopped) throw new SoukError('UNAVAILABLE', 'The peer is stopping.');
    return this.#parts.fetcher.fetch(cid, options);
  }

  /** See `PeerNode.ask`. */
  ask(question: Question, options?: AskOptions): Promise<SuperAnswer> {
    return this.#parts.queries.ask(question, options);
  }

  /** See `PeerNode.setSupers`. */
  setSupers(addresses: readonly string[]): void {
    for (const address of addresses) parseAddress(address);
    this.#parts.lookup.book.name(addresses);
  }

  /** See `PeerNode.setBootstrap`. */
  setBootstrap(addresses: readonly string[]): void {
    for (const address of addresses) parseAddress(address);
    this.#parts.neighbours.setBootstrap(addresses);
  }

  /** See `PeerNode.charterChanged`. */
  freshness(): Freshness | undefined {
    return this.#parts.watch?.freshness();
  }

  async checkFreshness(): Promise<void> {
    await this.#parts.watch?.check();
  }

  charterChanged(): void {
    this.#parts.talk.changed();
  }

  lease(): LeaseView | undefined {
    return this.#parts.lookup.keeper.view();
  }

  /** See `PeerNode.supers`. */
  supers(): readonly (SuperLine & { readonly isTold: boolean })[] {
    const { supers, book } = this.#parts.lookup;
    return supers.lines().map((line) => ({ ...line, isTold: line.addresses.every((address) => book.isTold(address)) }));
  }

  superPeers(): readonly string[] {
    return this.#parts.lookup.supers.linked();
  }

  /** See `PeerNode.indexSize`. */
  indexSize(): { readonly leases: number; readonly pairs: number; readonly cids: number } | undefined {
    return this.#parts.lookup.index?.size;
  }

  async provide(cids: readonly Cid[]): Promise<void> {
    this.#parts.lookup.keeper.add(cids);
    this.#parts.leafDht?.add(cids);
    await this.#parts.announcer?.add(cids);
  }

  async withdraw(cids: readonly Cid[]): Promise<void> {
    this.#parts.lookup.keeper.remove(cids);
    await this.#parts.leafDht?.remove(cids);
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
