import { multiaddr } from '@multiformats/multiaddr';
import { addressGroup } from '@souk/domain';
import { linksOf, shuffled } from '../node/links.ts';
import type { FullLibp2p } from '../node/create-libp2p-node.ts';
import { Listeners } from '../node/listeners.ts';
import type { PeerLog } from '../node/peer-log.ts';
import { orAbort } from '../node/waiting.ts';
import { dialSome } from './dial-some.ts';

const shortestWaitMs = 250;
const longestWaitMs = 30_000;
const dialMs = 5000;
/** Dials at once, how long one is waited for before another begins, and by how much they begin apart; milliseconds. */
const dialling = { parallel: 8, staggerMs: 250, jitterMs: 20 } as const;

/** What keeping links to super-peers needs. */
export interface SuperLinksNeeds {
  readonly libp2p: FullLibp2p;
  readonly log: PeerLog;
  /** Where the network's super-peers are; whoever answers there is one. */
  readonly addresses: readonly string[];
  /** How many to be linked to. */
  readonly wanted: number;
}

/** A super-peer as this peer knows it. */
export interface SuperLine {
  /** Unknown where an address names none and nobody has answered there. */
  readonly peer?: string;
  readonly addresses: readonly string[];
  readonly isLinked: boolean;
  /** Round trip of the link, in milliseconds. */
  readonly latencyMs?: number;
}

/** Keeps a peer linked to super-peers: of different address groups where there are such, another one as soon as one is gone. */
export class SuperLinks {
  /** Hears that a link to a super-peer came, or that one went. */
  readonly changes: Listeners<{ readonly came?: string; readonly went?: string }>;
  readonly #needs: SuperLinksNeeds;
  readonly #peerAt = new Map<string, string>();
  readonly #failures = new Map<string, { count: number; notBefore: number }>();
  readonly #linked = new Map<string, string>();
  readonly #stopping = new AbortController();
  #addresses: readonly string[] = [];
  #isRunning = false;
  #hasTried = false;
  #timer: NodeJS.Timeout | undefined;
  #seeking: Promise<void> | undefined;

  constructor(needs: SuperLinksNeeds) {
    this.#needs = needs;
    this.changes = new Listeners(needs.log);
    this.#take(needs.addresses);
  }

  /** Where the super-peers are from now on. Links to those that are no longer named stay, but count no more. */
  set(addresses: readonly string[]): void {
    this.#take(addresses);
    for (const [peer, address] of this.#linked) {
      if (addresses.includes(address)) continue;
      this.#linked.delete(peer);
      this.changes.tell({ went: peer });
    }
    if (this.#isRunning) this.#go();
  }

  /** Begins to seek links, in the background. */
  start(): void {
    this.#isRunning = true;
    this.#needs.libp2p.addEventListener('peer:disconnect', this.#onDisconnect);
    this.#go();
  }

  /** Stops seeking; links stay. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#timer);
    this.#needs.libp2p.removeEventListener('peer:disconnect', this.#onDisconnect);
    await this.#seeking;
  }

  /** Resolves when no dial is under way: those that could be had are linked. */
  async sought(): Promise<void> {
    await this.#seeking;
  }

  /** Resolves when a super-peer is linked, or none could be: at once, but for a peer that has just started. Throws what the signal says. */
  async first(signal: AbortSignal): Promise<void> {
    const { promise: came, resolve } = Promise.withResolvers<void>();
    const end = this.changes.add(() => resolve());
    try {
      if (this.#seeking && !this.#hasTried && this.#linked.size === 0) await orAbort(Promise.race([came, this.#seeking]), signal, 'Waiting for a super-peer');
    } finally {
      end();
    }
  }

  /** The super-peers that are linked, in random order. */
  linked(): readonly string[] {
    return shuffled(this.#linked.keys());
  }

  /** Where the super-peers that are linked were reached, each address with its `/p2p/<peer id>`. */
  addresses(): readonly string[] {
    return [...this.#linked].map(([peer, address]) => (address.includes('/p2p/') ? address : `${address}/p2p/${peer}`));
  }

  /** Every super-peer that counts, whether it is linked or not; this one left out. */
  lines(): readonly SuperLine[] {
    const links = linksOf(this.#needs.libp2p);
    const known = this.#addresses.map((address) => ({ address, peer: this.#peerAt.get(address) ?? address.split('/p2p/')[1] }));
    const others = known.filter(({ peer }) => peer !== this.#needs.libp2p.peerId.toString());
    return [...Map.groupBy(others, ({ address, peer }) => peer ?? address).values()].map((same) => {
      const peer = same[0]?.peer;
      const latencyMs = peer === undefined ? undefined : links.get(peer)?.rtt;
      return { ...(peer === undefined ? {} : { peer }), addresses: same.map(({ address }) => address), isLinked: peer !== undefined && this.#linked.has(peer), ...(latencyMs === undefined ? {} : { latencyMs }) };
    });
  }

  /** Whether no super-peer could be reached: there are none, or every one was tried in vain. */
  get isLost(): boolean {
    return this.#linked.size === 0 && (this.#hasTried || this.#addresses.length === 0);
  }

  /** Whether a peer is a super-peer, as far as is known. */
  isSuper(peer: string): boolean {
    return [...this.#peerAt.values()].includes(peer);
  }

  #take(addresses: readonly string[]): void {
    this.#addresses = addresses;
    this.#peerAt.clear();
    for (const address of addresses) {
      const peer = address.split('/p2p/')[1];
      if (peer !== undefined && peer !== this.#needs.libp2p.peerId.toString()) this.#peerAt.set(address, peer);
    }
  }

  readonly #onDisconnect = (event: CustomEvent<{ toString(): string }>): void => {
    const peer = event.detail.toString();
    if (!this.#linked.delete(peer)) return;
    this.changes.tell({ went: peer });
    this.#go();
  };

  #go(): void {
    if (this.#stopping.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#seeking ??= this.#seek().finally(() => {
      this.#seeking = undefined;
      this.#hasTried = true;
      if (this.isLost) this.changes.tell({});
      if (this.#linked.size < this.#reachable) this.#timer = setTimeout(() => this.#go(), this.#waitMs());
    });
  }

  get #reachable(): number {
    const self = this.#needs.libp2p.peerId.toString();
    const others = new Set(this.#addresses.map((address) => this.#peerAt.get(address) ?? address.split('/p2p/')[1] ?? address));
    others.delete(self);
    return Math.min(this.#needs.wanted, others.size);
  }

  async #seek(): Promise<void> {
    const wanted = this.#reachable - this.#linked.size;
    if (wanted > 0) await dialSome(this.#candidates(), { ...dialling, wanted, random: Math.random, dial: (address, signal) => this.#dial(address, signal) }, this.#stopping.signal);
  }

  /** Addresses to try, those of groups that are not linked yet first. */
  #candidates(): string[] {
    const self = this.#needs.libp2p.peerId.toString();
    const groups = new Set([...this.#linked.values()].map(addressGroup));
    const due = this.#addresses.filter((address) => {
      const peer = this.#peerAt.get(address) ?? address.split('/p2p/')[1];
      return (peer === undefined || (!this.#linked.has(peer) && peer !== self)) && (this.#failures.get(address)?.notBefore ?? 0) <= Date.now();
    });
    return shuffled(due).toSorted((a, b) => Number(groups.has(addressGroup(a))) - Number(groups.has(addressGroup(b))));
  }

  /** Whether one more super-peer is linked. */
  async #dial(address: string, enough: AbortSignal): Promise<boolean> {
    const { libp2p, log } = this.#needs;
    try {
      const known = this.#peerAt.get(address);
      const open = known === undefined ? undefined : linksOf(libp2p).get(known);
      const connection = open ?? (await libp2p.dial(multiaddr(address), { signal: AbortSignal.any([enough, AbortSignal.timeout(dialMs)]) }));
      const peer = connection.remotePeer.toString();
      this.#peerAt.set(address, peer);
      this.#failures.delete(address);
      if (peer === libp2p.peerId.toString() || this.#linked.has(peer) || connection.status !== 'open' || this.#linked.size >= this.#needs.wanted) return false;
      this.#linked.set(peer, address);
      this.changes.tell({ came: peer });
      return true;
    } catch (error) {
      if (enough.aborted) return false;
      const count = (this.#failures.get(address)?.count ?? 0) + 1;
      const wait = Math.min(longestWaitMs, shortestWaitMs * 2 ** Math.min(count, 10)) * (0.75 + Math.random() / 2);
      this.#failures.set(address, { count, notBefore: Date.now() + wait });
      log.debug('a super-peer could not be reached', { address, error });
      return false;
    }
  }

  #waitMs(): number {
    const next = Math.min(...[...this.#failures.values()].map((one) => one.notBefore - Date.now()));
    return Math.min(longestWaitMs, Math.max(shortestWaitMs, next));
  }
}
