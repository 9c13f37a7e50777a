import { NotFoundError, type PeerId } from '@libp2p/interface';
import type { createLibp2p } from 'libp2p';
import { ProviderShares } from './provider-shares.ts';

type Datastore = NonNullable<NonNullable<Parameters<typeof createLibp2p>[0]>['datastore']>;
type Key = Parameters<Datastore['get']>[0];
type Query = Parameters<Datastore['query']>[0];
type KeyQuery = Parameters<Datastore['queryKeys']>[0];
type Pair = { key: Key; value: Uint8Array };

/** Most of what libp2p may keep of others. */
export interface DatastoreQuotas {
  readonly providerRecords: number;
  readonly providerRecordsPerPeer: number;
  readonly peerRecords: number;
}

const providerPrefix = '/dht/provider/';
const peerPrefix = '/peers/';

/**
 * What libp2p remembers while the process runs: addresses of peers and provider records of the DHT. kad-dht itself stores provider records
 * without any bound, so they are counted here, in all and by peer: a peer beyond its share
 * is refused, and where all together are too many the oldest of whoever has most gives way.
 */
export class QuotaDatastore implements Datastore {
  readonly #self: PeerId;
  readonly #quotas: DatastoreQuotas;
  /** Pairs by the folder that they lie in, which is what is asked for: all providers of one cid. */
  readonly #folders = new Map<string, Map<string, Pair>>();
  /** Keys of provider records of others. */
  readonly #providers = new ProviderShares();

  constructor(self: PeerId, quotas: DatastoreQuotas) {
    this.#self = self;
    this.#quotas = quotas;
  }

  put(key: Key, value: Uint8Array): Key {
    const name = key.toString();
    const [folder, leaf] = split(name);
    const held = this.#folders.get(folder)?.has(leaf) ?? false;
    if (!held && name.startsWith(providerPrefix)) this.#admitProvider(name, leaf);
    if (!held && name.startsWith(peerPrefix)) this.#makeRoomForPeer();
    let pairs = this.#folders.get(folder);
    if (!pairs) this.#folders.set(folder, (pairs = new Map()));
    pairs.set(leaf, { key, value });
    return key;
  }

  get(key: Key): Uint8Array {
    const [folder, leaf] = split(key.toString());
    const pair = this.#folders.get(folder)?.get(leaf);
    if (!pair) throw new NotFoundError(`${key.toString()} is not here`);
    return pair.value;
  }

  has(key: Key): boolean {
    const [folder, leaf] = split(key.toString());
    return this.#folders.get(folder)?.has(leaf) ?? false;
  }

  delete(key: Key): void {
    this.#remove(key.toString());
  }

  async *putMany(source: Iterable<Pair> | AsyncIterable<Pair>): AsyncGenerator<Key> {
    for await (const { key, value } of source) yield this.put(key, value);
  }

  async *getMany(source: Iterable<Key> | AsyncIterable<Key>): AsyncGenerator<Pair> {
    for await (const key of source) yield { key, value: this.get(key) };
  }

  async *deleteMany(source: Iterable<Key> | AsyncIterable<Key>): AsyncGenerator<Key> {
    for await (const key of source) {
      this.delete(key);
      yield key;
    }
  }

  batch(): ReturnType<Datastore['batch']> {
    const steps: (() => void)[] = [];
    return {
      put: (key, value) => steps.push(() => this.put(key, value)),
      delete: (key) => steps.push(() => this.delete(key)),
      commit: () => {
        for (const step of steps.splice(0)) step();
      },
    };
  }

  *query(query: Query): Generator<Pair> {
    let pairs = this.#under(query.prefix).filter((pair) => (query.filters ?? []).every((filter) => filter(pair)));
    for (const order of query.orders ?? []) pairs = pairs.toSorted(order);
    const from = query.offset ?? 0;
    yield* pairs.slice(from, query.limit === undefined ? undefined : from + query.limit);
  }

  *queryKeys(query: KeyQuery): Generator<Key> {
    let keys = this.#under(query.prefix).map((pair) => pair.key).filter((key) => (query.filters ?? []).every((filter) => filter(key)));
    for (const order of query.orders ?? []) keys = keys.toSorted(order);
    const from = query.offset ?? 0;
    yield* keys.slice(from, query.limit === undefined ? undefined : from + query.limit);
  }

  #under(prefix = '/'): Pair[] {
    const exact = this.#folders.get(prefix.replace(/\/$/, ''));
    if (exact) return [...exact.values()];
    return [...this.#folders].flatMap(([folder, pairs]) => (`${folder}/`.startsWith(prefix) || prefix.startsWith(folder) ? [...pairs.values()].filter((pair) => pair.key.toString().startsWith(prefix)) : []));
  }

  #admitProvider(name: string, peer: string): void {
    if (peer === this.#self.toString()) return;
    if (this.#providers.of(peer) >= this.#quotas.providerRecordsPerPeer) throw new RangeError(`${peer} announces more than ${this.#quotas.providerRecordsPerPeer} blobs`);
    const inTheWay = this.#providers.size >= this.#quotas.providerRecords ? this.#providers.leastMissed() : undefined;
    if (inTheWay !== undefined) this.#remove(inTheWay);
    this.#providers.add(name, peer);
  }

  #makeRoomForPeer(): void {
    const peers = this.#folders.get('/peers');
    if (!peers || peers.size < this.#quotas.peerRecords) return;
    const self = this.#self.toCID().toString();
    for (const leaf of peers.keys()) {
      if (leaf === self) continue;
      peers.delete(leaf);
      return;
    }
  }

  #remove(name: string): void {
    const [folder, leaf] = split(name);
    const pairs = this.#folders.get(folder);
    pairs?.delete(leaf);
    if (pairs?.size === 0) this.#folders.delete(folder);
    this.#providers.delete(name);
  }
}

function split(name: string): [folder: string, leaf: string] {
  const at = name.lastIndexOf('/');
  return [name.slice(0, at), name.slice(at + 1)];
}
