import { multiaddr } from '@multiformats/multiaddr';
import { apart, isPrivateAddress, mostSharing, sharedBy, shares, type Place, type Shared } from '@souk/domain';
import { linksOf, parsePeerId, shuffled } from '../node/links.ts';
import type { FullLibp2p } from '../node/create-libp2p-node.ts';
import { Listeners } from '../node/listeners.ts';
import type { PeerLog } from '../node/peer-log.ts';
import { orAbort } from '../node/waiting.ts';
import { dialSome } from './dial-some.ts';
import { redialWait } from './redial-wait.ts';
import { ToldZones } from './told-zones.ts';

const shortestWaitMs = 250;
const dialMs = 5000;
/** Dials at once, how long one is waited for before another begins, and by how much they begin apart; milliseconds. */
const dialling = { parallel: 8, staggerMs: 250, jitterMs: 20 } as const;

/** Up to so many links are chosen apart from each other; whoever wants more is linked to all. */
const mostApart = 8;

/** What keeping links to super-peers needs. */
export interface SuperLinksNeeds {
  readonly libp2p: FullLibp2p;
  readonly log: PeerLog;
  /** Where the network's super-peers are; whoever answers there is one. */
  readonly addresses: readonly string[];
  /** Longest time between two dials of an address, in milliseconds. */
  readonly longestRedialMs: number;
  /** How many to be linked to. */
  readonly wanted: number;
  /** Hears how often in a row an address could not be dialled; 0 when it could. */
  dialled?(address: string, failures: number): void;
  /** Whether the link to a super-peer that gave way to a better one is closed; else it stays and counts no more. */
  readonly closes: boolean;
}

/** A super-peer as this peer knows it. */
export interface SuperLine {
  /** Unknown where an address names none and nobody has answered there. */
  readonly peer?: string;
  readonly addresses: readonly string[];
  readonly isLinked: boolean;
  /** Round trip of the link, in milliseconds. */
  readonly latencyMs?: number;
  /** The zone that it says it is in. */
  readonly zone?: string;
  /** What it has in common with another one that is linked: one failure may take both. */
  readonly shares?: Shared;
}

/** Keeps a peer linked to super-peers: of different zones and address groups where there are such, another one as soon as one is gone. */
export class SuperLinks {
  /** Hears that a link to a super-peer came, or that one went. */
  readonly changes: Listeners<{ readonly came?: string; readonly went?: string }>;
  readonly #needs: SuperLinksNeeds;
  readonly #peerAt = new Map<string, string>();
  readonly #failures = new Map<string, { count: number; notBefore: number }>();
  readonly #linked = new Map<string, string>();
  readonly #zones = new ToldZones();
  readonly #stopping = new AbortController();
  #addresses: readonly string[] = [];
  #isRunning = false;
  #hasTried = false;
  #timer: NodeJS.Timeout | undefined;
  #seeking: Promise<void> | undefined;
  #bettering: Promise<unknown> | undefined;

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
    if (!this.#isRunning) return;
    this.#go();
    this.#better();
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
    await Promise.all([this.#seeking, this.#bettering]);
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

  /** A super-peer that was linked has said which zone it is in, or that it knows none: when two that are linked share a place, another one is sought. */
  learn(peer: string, zone: string | undefined): void {
    if (this.#stopping.signal.aborted) return;
    this.#zones.note(peer, zone);
    if (this.#linked.size > this.#needs.wanted) this.#dropOne();
    this.changes.tell({});
    this.#better();
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
    const known = this.#addresses.map((address) => ({ address, peer: this.#peerOf(address) }));
    const others = known.filter(({ peer }) => peer !== this.#needs.libp2p.peerId.toString());
    return [...Map.groupBy(others, ({ address, peer }) => peer ?? address).values()].map((same) => {
      const peer = same[0]?.peer;
      const latencyMs = peer === undefined ? undefined : links.get(peer)?.rtt;
      const [zone, shared] = peer === undefined ? [] : [this.#zones.of(peer), this.#sharedBy(peer)];
      const known = { ...(latencyMs === undefined ? {} : { latencyMs }), ...(zone === undefined ? {} : { zone }), ...(shared === undefined ? {} : { shares: shared }) };
      return { ...(peer === undefined ? {} : { peer }), addresses: same.map(({ address }) => address), isLinked: peer !== undefined && this.#linked.has(peer), ...known };
    });
  }

  /** Whether no super-peer could be reached: there are none, or every one was tried in vain. */
  get isLost(): boolean {
    return this.#linked.size === 0 && (this.#hasTried || this.#addresses.length === 0);
  }

  /** Whether a peer is a super-peer, as far as is known; of those at all addresses, or at `which`. */
  isSuper(peer: string, which: (address: string) => boolean = () => true): boolean {
    return [...this.#peerAt].some(([address, at]) => at === peer && which(address));
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
      else this.#better();
    });
  }

  get #reachable(): number {
    const self = this.#needs.libp2p.peerId.toString();
    const others = new Set(this.#addresses.map((address) => this.#peerOf(address) ?? address));
    others.delete(self);
    return Math.min(this.#needs.wanted, others.size);
  }

  async #seek(): Promise<void> {
    const wanted = this.#reachable - this.#linked.size;
    if (wanted > 0) await dialSome(this.#candidates(), { ...dialling, wanted, random: Math.random, dial: (address, signal) => this.#dial(address, signal) }, this.#stopping.signal);
  }

  /** Addresses to try, so that those that answer share as little as can be with each other and with those that are linked. */
  #candidates(): string[] {
    return apart(shuffled(this.#others().filter(this.#isDue)), this.#places(), Math.min(mostApart, this.#needs.wanted)).map((one) => one.address);
  }

  /** Where those that are not linked are. */
  #others(): Place[] {
    const self = this.#needs.libp2p.peerId.toString();
    const others = this.#addresses.filter((address) => {
      const peer = this.#peerOf(address);
      return peer === undefined || (!this.#linked.has(peer) && peer !== self);
    });
    return others.map((address) => this.#placeOf(address, this.#peerOf(address)));
  }

  /** Whether it did not fail a moment ago. */
  readonly #isDue = ({ address }: Place): boolean => (this.#failures.get(address)?.notBefore ?? 0) <= Date.now();

  #peerOf(address: string): string | undefined {
    return this.#peerAt.get(address) ?? address.split('/p2p/')[1];
  }

  #placeOf(address: string, peer: string | undefined): Place {
    return { address, zone: this.#zones.of(peer) };
  }

  /** Where those that are linked are, but for one. */
  #places(without?: string): Place[] {
    return [...this.#linked].filter(([peer]) => peer !== without).map(([peer, address]) => this.#placeOf(address, peer));
  }

  #sharedBy(peer: string): Shared | undefined {
    const address = this.#linked.get(peer);
    if (address === undefined) return undefined;
    const place = this.#placeOf(address, peer);
    return this.#places(peer).map((other) => sharedBy(place, other)).find((one) => one !== undefined);
  }

  /** The linked one that shares most with the others, the newest of equals. */
  #worst(): string | undefined {
    return mostSharing(new Map([...this.#linked].map(([peer, address]) => [peer, this.#placeOf(address, peer)])));
  }

  /** Links one more where that would share nothing with those that stay. Who is linked tells its zone, and who can't be is tried again later, so this comes to an end. */
  #better(): void {
    const worst = this.#worst();
    if (this.#stopping.signal.aborted || worst === undefined || this.#linked.size !== this.#needs.wanted || this.#bettering || this.#needs.wanted > mostApart) return;
    const staying = this.#places(worst);
    // Private addresses that are alike say nothing of zones: whoever was not asked for its own may be in another one.
    const mayDiffer = ({ address }: Place): boolean => this.#sharedBy(worst) === 'zone' && isPrivateAddress(address) && !this.#zones.wasAsked(this.#peerOf(address));
    const better = this.#others().filter((one) => shares(one, staying) === 0 || mayDiffer(one));
    if (better.length === 0) return;
    const due = shuffled(better.filter(this.#isDue)).map((one) => one.address);
    const dial = (address: string, signal: AbortSignal): Promise<boolean> => this.#dial(address, signal, this.#needs.wanted + 1);
    this.#bettering = dialSome(due, { ...dialling, parallel: 1, wanted: 1, random: Math.random, dial }, this.#stopping.signal).finally(() => {
      this.#bettering = undefined;
      clearTimeout(this.#timer);
      if (!this.#stopping.signal.aborted) this.#timer = setTimeout(() => this.#go(), this.#waitMs());
    });
  }

  /** There is one link more than is wanted: the one that shares most goes, or the newest. */
  #dropOne(): void {
    const peer = this.#worst() ?? [...this.#linked.keys()].at(-1);
    if (peer === undefined || !this.#linked.delete(peer)) return;
    this.changes.tell({ went: peer });
    if (this.#needs.closes) this.#needs.libp2p.hangUp(parsePeerId(peer)).catch((error: unknown) => this.#needs.log.debug('a link could not be closed', { peer, error }));
  }

  /** Whether one more super-peer is linked. */
  async #dial(address: string, enough: AbortSignal, most = this.#needs.wanted): Promise<boolean> {
    const { libp2p, log } = this.#needs;
    try {
      const known = this.#peerAt.get(address);
      const open = known === undefined ? undefined : linksOf(libp2p).get(known);
      const connection = open ?? (await libp2p.dial(multiaddr(address), { signal: AbortSignal.any([enough, AbortSignal.timeout(dialMs)]) }));
      const peer = connection.remotePeer.toString();
      this.#peerAt.set(address, peer);
      this.#failures.delete(address);
      this.#needs.dialled?.(address, 0);
      if (peer === libp2p.peerId.toString() || this.#linked.has(peer) || connection.status !== 'open' || this.#linked.size >= most) return false;
      this.#linked.set(peer, address);
      this.changes.tell({ came: peer });
      return true;
    } catch (error) {
      if (enough.aborted) return false;
      const count = (this.#failures.get(address)?.count ?? 0) + 1;
      const wait = redialWait(count, this.#needs.longestRedialMs, Math.random);
      this.#failures.set(address, { count, notBefore: Date.now() + wait });
      this.#needs.dialled?.(address, count);
      log.debug('a super-peer could not be reached', { address, error });
      return false;
    }
  }

  #waitMs(): number {
    const waits = [...this.#failures.values()].map((one) => one.notBefore - Date.now()).filter((ms) => ms > 0);
    return Math.min(this.#needs.longestRedialMs, Math.max(shortestWaitMs, Math.min(...waits)));
  }
}
