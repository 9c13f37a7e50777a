import type { PeerLine, Role } from '@souk/contracts';
import { digestOf, type Cid, type ForkProof, type Freshness, type StoredObservation, type StoredRecord, type VerifiedRecord } from '@souk/domain';
import type { FetchOptions, FetchReport } from './blob/blob-fetcher.ts';
import type { Libp2pPeerNode } from './libp2p-peer-node.ts';
import type { LeaseView } from './lookup/lease-keeper.ts';
import type { Lookup } from './lookup/lookups.ts';
import { parsePeerId } from './node/links.ts';
import { Listeners } from './node/listeners.ts';
import type { PeerLog } from './node/peer-log.ts';
import type { StoreParts } from './node/store-parts.ts';
import type { LookupOptions, PeerIdentity, PeerNode } from './peer-node.ts';
import type { LagLine } from './sync/lag.ts';
import type { SuperAnswer } from './query/ask-super.ts';
import type { AskOptions } from './query/queries.ts';
import type { Question } from './query/query-server.ts';
import type { SyncReport } from './sync/sync-report.ts';

const defaultReconcileMs = 30_000;
/** Identities that start at once: more of them would only wait for each other's handshakes, until they time out. */
const startingAtOnce = 8;
type Signalled = { readonly signal?: AbortSignal };

/** What a node is made of. */
export interface Hosted {
  /** At least one; the first is the one that others are told of. */
  readonly identities: readonly Libp2pPeerNode[];
  readonly store: StoreParts;
  readonly log: PeerLog;
  readonly reconcileMs: number | undefined;
}

/** The identities over one store as one node. Each blob belongs to one of them, by its cid: that one leases it, looks it up and fetches it. */
export class HostedPeers implements PeerNode {
  readonly #hosted: Hosted;
  readonly #first: Libp2pPeerNode;
  readonly #links: Listeners<readonly PeerLine[]>;
  readonly #stopping = new AbortController();
  #starting: Promise<unknown> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(hosted: Hosted) {
    this.#hosted = hosted;
    this.#first = hosted.identities[0] as Libp2pPeerNode;
    this.#links = new Listeners(hosted.log);
    for (const one of hosted.identities) one.onLinks(() => this.#links.isHeard && this.#links.tell(this.links()));
  }

  get identities(): readonly PeerIdentity[] {
    return this.#hosted.identities;
  }

  get peerId(): string {
    return this.#first.peerId;
  }

  get role(): Role {
    return this.#first.role;
  }

  get networkId(): string {
    return this.#first.networkId;
  }

  multiaddrs(): readonly string[] {
    return this.#first.multiaddrs();
  }

  async start(): Promise<void> {
    const { store, log, reconcileMs = defaultReconcileMs } = this.#hosted;
    await this.#first.start();
    // Nobody who greets has to wait for it then.
    store.heads.tree().catch((error: unknown) => log.error('the heads could not be read', { error }));
    store.syncer.start(reconcileMs);
    this.#starting = this.#startFurther();
  }

  /** Those behind the first start in the background, a few at a time. */
  async #startFurther(): Promise<void> {
    const { identities, log } = this.#hosted;
    const rest = identities.slice(1).values();
    const startNext = async (): Promise<void> => {
      for (const one of rest) {
        if (this.#stopping.signal.aborted) return;
        await one.startAndLink().catch((error: unknown) => log.error('an identity could not be started', { peer: one.peerId, error }));
      }
    };
    await Promise.all(Array.from({ length: startingAtOnce }, startNext));
  }

  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  async #stop(): Promise<void> {
    const { identities, store } = this.#hosted;
    this.#stopping.abort();
    await this.#starting;
    await Promise.all([store.syncer.stop(), ...identities.map((one) => one.stop())]);
  }

  dial(address: string, options: Signalled = {}): Promise<string> {
    return this.#first.dial(address, options);
  }

  async hangUp(peer: string): Promise<void> {
    await Promise.all(this.#hosted.identities.map((one) => one.hangUp(peer)));
  }

  links(): readonly PeerLine[] {
    return [...new Map(this.#hosted.identities.flatMap((one) => one.links()).map((line) => [line.peer, line])).values()];
  }

  async announceRecords(records: readonly VerifiedRecord[]): Promise<void> {
    const { store, log } = this.#hosted;
    store.arrived.tell({ records });
    // Without gossip, whoever is linked is greeted: the greeting tells that there is something new here.
    if (!this.#first.gossips) for (const { peer } of this.#first.links()) store.syncer.request(peer);
    try {
      await this.#first.gossip(records);
    } catch (error) {
      log.warn('records could not be gossiped; others will ask for them', { error, records: records.length });
    }
  }

  onRecords(listener: (records: readonly StoredRecord[]) => void): () => void {
    return this.#hosted.store.records.add(listener);
  }

  onForks(listener: (proofs: readonly ForkProof[]) => void): () => void {
    return this.#hosted.store.forks.add(listener);
  }

  onLinks(listener: (links: readonly PeerLine[]) => void): () => void {
    return this.#links.add(listener);
  }

  onObservation(listener: (stored: StoredObservation) => void): () => void {
    return this.#hosted.store.observations.add(listener);
  }

  onIndex(listener: () => void): () => void {
    return this.#first.onIndex(listener);
  }

  headRoot(): Promise<string> {
    return this.#hosted.store.heads.root();
  }

  async syncWith(peer: string, options: Signalled = {}): Promise<SyncReport> {
    parsePeerId(peer);
    return this.#hosted.store.syncer.sync(peer, options.signal);
  }

  ask(question: Question, options?: AskOptions): Promise<SuperAnswer> {
    return this.#first.ask(question, options);
  }

  async lookup(cid: Cid, options: LookupOptions = {}): Promise<Lookup> {
    return this.#of(cid).lookup(cid, options);
  }

  async fetchBlob(cid: Cid, options: FetchOptions): Promise<FetchReport> {
    return this.#of(cid).fetchBlob(cid, options);
  }

  setSupers(addresses: readonly string[]): void {
    for (const one of this.#hosted.identities) one.setSupers(addresses);
  }

  setBootstrap(addresses: readonly string[]): void {
    for (const one of this.#hosted.identities) one.setBootstrap(addresses);
  }

  freshness(): Freshness | undefined {
    return this.#first.freshness();
  }

  checkFreshness(): Promise<void> {
    return this.#first.checkFreshness();
  }

  charterChanged(): void {
    this.#first.charterChanged();
  }

  supers(): ReturnType<PeerNode['supers']> {
    const linked = this.#hosted.identities.map((one) => new Set(one.superPeers()));
    return this.#first.supers().map((line) => ({ ...line, links: linked.filter((one) => line.peer !== undefined && one.has(line.peer)).length }));
  }

  lag(): readonly LagLine[] {
    return this.#hosted.store.syncer.lag();
  }

  lease(): LeaseView | undefined {
    return this.#first.lease();
  }

  superPeers(): readonly string[] {
    return [...new Set(this.#hosted.identities.flatMap((one) => one.superPeers()))];
  }

  indexSize(): ReturnType<PeerNode['indexSize']> {
    return this.#first.indexSize();
  }

  async provide(cids: readonly Cid[]): Promise<void> {
    await Promise.all([...this.#byIdentity(cids)].map(([one, own]) => one.provide(own)));
  }

  async withdraw(cids: readonly Cid[]): Promise<void> {
    await Promise.all([...this.#byIdentity(cids)].map(([one, own]) => one.withdraw(own)));
  }

  #of(cid: Cid): Libp2pPeerNode {
    const { identities } = this.#hosted;
    const digest = digestOf(cid);
    return identities[new DataView(digest.buffer, digest.byteOffset).getUint32(0) % identities.length] as Libp2pPeerNode;
  }

  #byIdentity(cids: readonly Cid[]): Map<Libp2pPeerNode, Cid[]> {
    const byIdentity = new Map<Libp2pPeerNode, Cid[]>();
    for (const cid of cids) {
      const one = this.#of(cid);
      const own = byIdentity.get(one);
      if (own) own.push(cid);
      else byIdentity.set(one, [cid]);
    }
    return byIdentity;
  }
}
