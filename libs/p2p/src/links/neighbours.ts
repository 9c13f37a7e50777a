import { multiaddr } from '@multiformats/multiaddr';
import { linksOf, shuffled } from '../node/links.ts';
import type { FullLibp2p } from '../node/create-libp2p-node.ts';
import type { PeerLimits } from '../node/peer-limits.ts';
import type { PeerLog } from '../node/peer-log.ts';
import { dialSome } from './dial-some.ts';
import { redialWait } from './redial-wait.ts';
import { Remembered } from './remembered.ts';

const shortestWaitMs = 250;
const dialMs = 5000;
/** Dials at once, how long one is waited for before another begins, and by how much they begin apart; milliseconds. */
const dialling = { parallel: 16, staggerMs: 250, jitterMs: 20 } as const;
/** Most peers whose link was lost that are sought again. */
const maxLost = 64;
/** Most peers nearby that are kept in mind. */
const maxNearby = 64;
/** How long changes are collected before they are told, in milliseconds. */
const tellAfterMs = 250;
/** How often addresses of linked peers are noted anew, before the peer store forgets them. */
const refreshMs = 300_000;

/** What keeping neighbours needs. */
export interface NeighboursNeeds {
  readonly libp2p: FullLibp2p;
  readonly limits: PeerLimits;
  readonly log: PeerLog;
  readonly bootstrap: readonly string[];
  readonly remembered: readonly string[];
  onRemember(addresses: readonly string[]): void;
  /** How many links to seek now; always `limits.neighbours` unless given. */
  wanted?(): number;
  /** Runs before links are sought. */
  onSeek?(): Promise<void>;
  /** Whether a linked peer is one to remember; everybody is unless given. */
  isRemembered?(peer: string): boolean;
}

/** Keeps a peer linked: dials its first contacts and remembered peers until it has enough links, again and again but ever more rarely. */
export class Neighbours {
  readonly #needs: NeighboursNeeds;
  readonly #remembered: Remembered;
  readonly #failures = new Map<string, { count: number; notBefore: number }>();
  /** Which peer answered at an address that names none. */
  readonly #peerAt = new Map<string, string>();
  readonly #stopping = new AbortController();
  #bootstrap: readonly string[];
  /** Addresses of peers that were found nearby, by peer. */
  readonly #nearby = new Map<string, readonly string[]>();
  /** Addresses of peers whose link was lost, by peer. */
  readonly #lost = new Map<string, string>();
  #soughtLost = -Infinity;
  #isRunning = false;
  #told: string;
  #tellTimer: NodeJS.Timeout | undefined;
  #seekTimer: NodeJS.Timeout | undefined;
  #refreshTimer: NodeJS.Timeout | undefined;

  constructor(needs: NeighboursNeeds) {
    this.#needs = needs;
    this.#bootstrap = needs.bootstrap;
    this.#remembered = new Remembered(needs.remembered);
    this.#told = this.#remembered.list().join(' ');
  }

  /** Begins to seek links, in the background. */
  start(): void {
    const { libp2p } = this.#needs;
    libp2p.addEventListener('peer:disconnect', this.#onDisconnect);
    libp2p.addEventListener('peer:identify', this.#onIdentify);
    this.#refreshTimer = setInterval(() => void this.#refresh(), refreshMs);
    this.#isRunning = true;
    void this.#seek();
  }

  /** Seeks now, if there are links to seek. */
  go(): void {
    this.#seekAfter(0);
  }

  /** A peer was found nearby, at these addresses. */
  found(addresses: readonly string[]): void {
    const peer = addresses[0]?.split('/p2p/')[1];
    if (peer === undefined || (!this.#nearby.has(peer) && this.#nearby.size >= maxNearby)) return;
    const isNew = this.#nearby.get(peer)?.join(' ') !== addresses.join(' ');
    this.#nearby.set(peer, addresses);
    if (isNew && this.#isRunning) this.#seekAfter(0);
  }

  /** The first contacts are these from now on. */
  setBootstrap(addresses: readonly string[]): void {
    if (addresses.join(' ') === this.#bootstrap.join(' ')) return;
    this.#bootstrap = addresses;
    if (this.#isRunning) this.#seekAfter(0);
  }

  /** Remembers peers that another one told of, after those that were linked. */
  remember(addresses: readonly string[], teller: string): void {
    if (this.#remembered.offer(addresses, teller) && !this.#stopping.signal.aborted) this.#tellTimer ??= setTimeout(() => this.#tell(), tellAfterMs);
  }

  /** Stops seeking and tells what is remembered one last time. */
  async stop(): Promise<void> {
    const { libp2p } = this.#needs;
    this.#stopping.abort();
    clearTimeout(this.#seekTimer);
    clearTimeout(this.#tellTimer);
    clearInterval(this.#refreshTimer);
    libp2p.removeEventListener('peer:disconnect', this.#onDisconnect);
    libp2p.removeEventListener('peer:identify', this.#onIdentify);
    for (const link of linksOf(libp2p).values()) await this.#note(link);
    this.#tell();
  }

  readonly #onDisconnect = (event: CustomEvent<{ toString(): string }>): void => {
    this.#lose(event.detail.toString());
    this.#seekAfter(shortestWaitMs * (1 + Math.random()));
  };

  readonly #onIdentify = (event: CustomEvent<{ connection: Parameters<Remembered['note']>[0] }>): void => {
    const { connection } = event.detail;
    this.#note(connection)
      .then(() => {
        if (!this.#stopping.signal.aborted) this.#tellTimer ??= setTimeout(() => this.#tell(), tellAfterMs);
      })
      .catch((error: unknown) => this.#needs.log.debug('the address of a peer could not be noted', { error }));
  };

  async #note(connection: Parameters<Remembered['note']>[0]): Promise<void> {
    const { isRemembered, libp2p } = this.#needs;
    if (isRemembered?.(connection.remotePeer.toString()) ?? true) await this.#remembered.note(connection, libp2p.peerStore);
  }

  #tell(): void {
    this.#tellTimer = undefined;
    const addresses = this.#remembered.list();
    const text = addresses.join(' ');
    if (text === this.#told) return;
    this.#told = text;
    try {
      this.#needs.onRemember(addresses);
    } catch (error) {
      this.#needs.log.warn('addresses of peers could not be kept', { error });
    }
  }

  #seekAfter(ms: number): void {
    if (this.#stopping.signal.aborted) return;
    clearTimeout(this.#seekTimer);
    this.#seekTimer = setTimeout(() => void this.#seek(), ms);
  }

  async #seek(): Promise<void> {
    const { libp2p, limits } = this.#needs;
    const links = linksOf(libp2p);
    // Whoever dials us chose us, not we them: were their links counted, a few strangers could keep us from everybody else.
    const chosen = [...links.values()].filter(({ direction }) => direction === 'outbound').length;
    const missing = (this.#needs.wanted?.() ?? limits.neighbours) - chosen;
    const linked = (address: string): boolean => {
      const peer = address.split('/p2p/')[1] ?? this.#peerAt.get(address);
      return peer !== undefined && (links.has(peer) || peer === libp2p.peerId.toString());
    };
    const wanted = [...new Set([...this.#bootstrap, ...[...this.#nearby.values()].flat(), ...this.#remembered.list()])].filter((address) => !linked(address));
    this.#forgetBut(wanted);
    const due = wanted.filter((address) => (this.#failures.get(address)?.notBefore ?? 0) <= Date.now());
    await this.#needs.onSeek?.();
    const sought = missing > 0 ? due : this.#lostOnes(links);
    await dialSome(sought, { ...dialling, wanted: Math.max(1, missing), random: Math.random, dial: (address, signal) => this.#dial(address, signal) }, this.#stopping.signal);
    const { longestRedialMs } = limits;
    if (missing <= 0) return this.#seekAfter(longestRedialMs);
    const next = Math.min(longestRedialMs, ...wanted.map((address) => this.#failures.get(address)?.notBefore ?? longestRedialMs + Date.now()).map((at) => at - Date.now()));
    this.#seekAfter(Math.max(shortestWaitMs, next));
  }

  /** Addresses change, of names and of what is nearby: nothing is kept about those that are not wanted any more. */
  #forgetBut(wanted: readonly string[]): void {
    const still = new Set([...wanted, ...this.#bootstrap]);
    for (const known of [this.#failures, this.#peerAt]) for (const address of known.keys()) if (!still.has(address)) known.delete(address);
  }

  #lose(peer: string): void {
    const address = [...this.#bootstrap, ...this.#remembered.list()].find((one) => (one.split('/p2p/')[1] ?? this.#peerAt.get(one)) === peer);
    if (address === undefined) return;
    this.#lost.delete(peer);
    this.#lost.set(peer, address);
    const [oldest] = this.#lost.keys();
    if (this.#lost.size > maxLost && oldest !== undefined) this.#lost.delete(oldest);
  }

  /**
   * One who was lost, now and then, although there are links enough: when a network is parted each part may have enough of them, and would stay
   * by itself for ever.
   */
  #lostOnes(links: ReadonlyMap<string, unknown>): string[] {
    if (this.#needs.wanted?.() === 0 || performance.now() < this.#soughtLost + this.#needs.limits.longestRedialMs) return [];
    this.#soughtLost = performance.now();
    for (const peer of this.#lost.keys()) if (links.has(peer)) this.#lost.delete(peer);
    return shuffled(this.#lost.values()).slice(0, 1);
  }

  /** Whether somebody answered there. */
  async #dial(address: string, enough: AbortSignal): Promise<boolean> {
    const { libp2p, log, limits } = this.#needs;
    try {
      const connection = await libp2p.dial(multiaddr(address), { signal: AbortSignal.any([enough, AbortSignal.timeout(dialMs)]) });
      this.#peerAt.set(address, connection.remotePeer.toString());
      this.#failures.delete(address);
      return true;
    } catch (error) {
      if (enough.aborted) return false;
      const count = (this.#failures.get(address)?.count ?? 0) + 1;
      const wait = redialWait(count, limits.longestRedialMs, Math.random);
      this.#failures.set(address, { count, notBefore: Date.now() + wait });
      this.#forgetNearby(address);
      log.debug('a peer could not be dialled', { address, error });
      return false;
    }
  }

  /** A place for what is found nearby is given to the next one when nobody answers there; whoever is there says so again. */
  #forgetNearby(address: string): void {
    const peer = address.split('/p2p/')[1];
    if (peer !== undefined && this.#nearby.get(peer)?.every((one) => this.#failures.has(one)) === true) this.#nearby.delete(peer);
  }

  /** The peer store forgets addresses by their age, however alive the link is; what it forgets, the DHT no longer tells others. */
  async #refresh(): Promise<void> {
    const { libp2p, log } = this.#needs;
    for (const { remotePeer } of linksOf(libp2p).values()) {
      try {
        const { addresses } = await libp2p.peerStore.get(remotePeer);
        await libp2p.peerStore.patch(remotePeer, { multiaddrs: [] });
        await libp2p.peerStore.patch(remotePeer, { addresses });
      } catch (error) {
        log.debug('the addresses of a peer could not be refreshed', { peer: remotePeer.toString(), error });
      }
    }
  }
}
