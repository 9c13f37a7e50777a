import { MemoryBlobStore, MemoryLogStore, MemoryObservationStore, seedFrom, type BlobStore, type KeyId, type LogStore, type SuperVerdict, type VerifiedRecord } from '@souk/domain';
import { createPeerNode, type FetchReport, type HintTier, type PeerNode, type PeerNodeOptions } from '@souk/p2p';
import { putBlob, type BlobFacts } from './blob-facts.ts';
import { until, type Changes } from './until.ts';

/** A line that a peer logged. */
export interface LoggedLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly facts?: Record<string, unknown> | undefined;
}

/** How a peer of a test network differs from the others. */
export interface TestPeerOptions extends Partial<Omit<PeerNodeOptions, 'seed' | 'bootstrap' | 'supers'>> {
  /** Peers or addresses that it is told of. */
  readonly join?: readonly (TestPeer | string)[];
  /** Super-peers of its network, or their addresses. */
  readonly supers?: readonly (TestPeer | string)[];
  /** Caches of who has which blob. */
  readonly hints?: readonly HintTier[];
  /** A blob store that does what a test needs, such as lie. */
  readonly blobs?: BlobStore;
  /** Logs to begin with: those of an earlier life of the same peer. */
  readonly logs?: LogStore;
}

/** A real node, over stores in memory unless it is given others. */
export class TestPeer {
  readonly name: string;
  readonly node: PeerNode;
  readonly logs: LogStore;
  readonly blobs: BlobStore;
  readonly observations: MemoryObservationStore;
  readonly lines: LoggedLine[];
  /** How answers of super-peers turned out, by the peer that gave them. */
  readonly verdicts: { readonly peer: string; readonly verdict: SuperVerdict }[];
  readonly #watchers = new Set<() => void>();

  private constructor(name: string, node: PeerNode, stores: { logs: LogStore; blobs: BlobStore; observations: MemoryObservationStore }, heard: { lines: LoggedLine[]; verdicts: TestPeer['verdicts'] }) {
    this.name = name;
    this.node = node;
    this.logs = stores.logs;
    this.blobs = stores.blobs;
    this.observations = stores.observations;
    this.lines = heard.lines;
    this.verdicts = heard.verdicts;
    const changed = (): void => this.#changed();
    node.onRecords(changed);
    node.onForks(changed);
    node.onLinks(changed);
    node.onObservation(changed);
    node.onIndex(changed);
  }

  /** Makes and starts a peer; its identity follows from its name. */
  static async start(name: string, options: TestPeerOptions): Promise<TestPeer> {
    const { join = [], logs = new MemoryLogStore({ now: () => Date.now() }), blobs = new MemoryBlobStore(), hints = [], supers = [], ...rest } = options;
    const stores = { logs, blobs, observations: new MemoryObservationStore() };
    const lines: LoggedLine[] = [];
    const write = (level: LoggedLine['level']) => (message: string, facts?: Record<string, unknown>) => void lines.push({ level, message, facts });
    const log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
    const addressesOf = (peers: readonly (TestPeer | string)[]): string[] => peers.flatMap((one) => (typeof one === 'string' ? [one] : one.node.multiaddrs()));
    const verdicts: { peer: string; verdict: SuperVerdict }[] = [];
    const judged = (superPeer: string, verdict: SuperVerdict): void => {
      verdicts.push({ peer: superPeer, verdict });
      changed();
    };
    let changed = (): void => undefined;
    const node = await createPeerNode({ ...stores, hints, log }, { ...rest, lookupTap: { ...rest.lookupTap, judged }, seed: seedFrom(`peer/${name}`), bootstrap: addressesOf(join), supers: addressesOf(supers) });
    const peer = new TestPeer(name, node, stores, { lines, verdicts });
    changed = () => peer.#changed();
    await node.start();
    return peer;
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }

  get id(): string {
    return this.node.peerId;
  }

  /** Whatever may change at this peer. */
  readonly changes: Changes = (changed) => {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  };

  /** Appends records here and tells others. */
  async publishes(...records: readonly VerifiedRecord[]): Promise<void> {
    await this.logs.append(records);
    await this.node.announceRecords(records);
    for (const watcher of this.#watchers) watcher();
  }

  /** Keeps a blob here. */
  keeps(bytes: Uint8Array): Promise<BlobFacts> {
    return putBlob(this.blobs, bytes);
  }

  /** Fetches a blob from the network. */
  fetches(facts: BlobFacts, options: { signal?: AbortSignal } = {}): Promise<FetchReport> {
    return this.node.fetchBlob(facts.cid, { size: facts.size, chunks: facts.chunks, ...options });
  }

  /** Resolves when every one of these records is held here. */
  holds(...records: readonly VerifiedRecord[]): Promise<void> {
    const held = async (record: VerifiedRecord): Promise<boolean> => {
      const [one] = await this.logs.read(record.key, record.fields.seq, 1);
      return one !== undefined && Buffer.compare(one.record.hash, record.hash) === 0;
    };
    return until(async () => (await Promise.all(records.map(held))).every(Boolean), this.changes);
  }

  /** Resolves when this peer holds a proof that the log is forked. */
  knowsForkOf(key: KeyId): Promise<void> {
    return until(async () => (await this.logs.fork(key)) !== undefined, this.changes);
  }

  /** Resolves when this peer is linked to each of these. */
  linkedTo(...peers: readonly TestPeer[]): Promise<void> {
    return until(() => peers.every((peer) => this.node.links().some((link) => link.peer === peer.id)), this.changes);
  }

  /** Resolves when this peer is linked to at least so many others. */
  hasLinks(count: number): Promise<void> {
    return until(() => this.node.links().length >= count, this.changes);
  }

  /** Resolves when this super-peer's index holds leases of so many peers, with so many cids in all. */
  indexes(leases: number, pairs: number): Promise<void> {
    return until(() => this.node.indexSize()?.leases === leases && this.node.indexSize()?.pairs === pairs, this.changes);
  }

  /** Resolves when this peer is linked to so many super-peers. */
  hasSupers(count: number): Promise<void> {
    return until(() => this.node.superPeers().length === count, this.changes);
  }

  /** Resolves when an answer of that super-peer was judged like that. */
  judges(peer: TestPeer, verdict: SuperVerdict): Promise<void> {
    return until(() => this.verdicts.some((one) => one.peer === peer.id && one.verdict === verdict), this.changes);
  }

  /** Resolves when this peer is linked to none of these. */
  cutFrom(...peers: readonly TestPeer[]): Promise<void> {
    return until(() => peers.every((peer) => this.node.links().every((link) => link.peer !== peer.id)), this.changes);
  }

  /** Resolves when a fetch from that peer was observed to end like that. */
  observes(peer: TestPeer | string, outcome: string): Promise<void> {
    const id = typeof peer === 'string' ? peer : peer.id;
    return until(async () => (await this.observations.since(0, 1000)).some((one) => one.peer === id && one.outcome === outcome), this.changes);
  }
}
