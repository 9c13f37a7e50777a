import type { LookupFrame } from '@souk/contracts';
import { compareLeases, SoukError, type Cid, type Lease, type OwnLease } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import type { PeerLog } from '../node/peer-log.ts';
import { bringLease, type Brought } from './lookup-client.ts';
import type { LookupLimits } from './lookup-limits.ts';

const shortestWaitMs = 250;
const longestWaitMs = 30_000;
/** How long taking everything back may hold up the stop, in milliseconds. */
const withdrawMs = 1000;

/** What keeping a lease needs. */
export interface LeaseKeeperNeeds {
  readonly own: OwnLease;
  readonly limits: LookupLimits;
  readonly log: PeerLog;
  /** Addresses at which this peer is reached. */
  addresses(): readonly string[];
  /** The super-peers that are linked. */
  supers(): readonly string[];
  exchange<T>(superPeer: string, work: (channel: Channel<LookupFrame>) => Promise<T>, signal: AbortSignal): Promise<T>;
  /** Takes the lease in where this peer is a super-peer itself. */
  keepHere?(lease: Lease): void;
  /** Hears of full peers that a super-peer told of. */
  onFulls(addresses: readonly string[], teller: string): void;
}

/** What others were told of what is served here. Times are milliseconds since 1970. */
export interface LeaseView {
  readonly epoch: number;
  readonly n: number;
  /** How many blobs are leased. */
  readonly blobs: number;
  /** The super-peers that hold the lease, when each took it last, and when it forgets it unless it is renewed. */
  readonly holders: readonly { readonly peer: string; readonly renewedAt: number; readonly endsAt: number }[];
}

interface Told {
  lease: Lease | undefined;
  /** When it was taken, in milliseconds since 1970. */
  at: number;
  failures: number;
  running: boolean;
  retry: NodeJS.Timeout | undefined;
}

/** Keeps super-peers knowing what this peer serves: at each change, at half of the lease's life, and no longer when the peer stops. */
export class LeaseKeeper {
  readonly #needs: LeaseKeeperNeeds;
  readonly #told = new Map<string, Told>();
  readonly #stopping = new AbortController();
  #collect: NodeJS.Timeout | undefined;
  #renewal: NodeJS.Timeout | undefined;
  #started = false;
  /** When a super-peer took its own lease in, in milliseconds since 1970. */
  #keptHereAt: number | undefined;

  constructor(needs: LeaseKeeperNeeds) {
    this.#needs = needs;
  }

  /** Begins; the node listens and knows its addresses. */
  start(): void {
    this.#started = true;
    this.#tellAll();
    this.#renewLater();
  }

  /** Adds blobs to what is leased. */
  add(cids: readonly Cid[]): void {
    if (this.#needs.own.add(cids)) this.#changed();
  }

  /** Takes blobs out of what is leased; super-peers are told a moment later. */
  remove(cids: readonly Cid[]): void {
    if (this.#needs.own.remove(cids)) this.#changed();
  }

  /** The newest of the blobs that are leased, at most so many, the newest last. */
  newest(most: number): readonly Cid[] {
    return this.#needs.own.newest(most);
  }

  /** This peer is reached elsewhere now. */
  addressesChanged(): void {
    this.#changed();
  }

  /** What others were told; undefined before anything was signed, and after everything was taken back. */
  view(): LeaseView | undefined {
    const lease = this.#needs.own.last;
    if (!lease) return undefined;
    const taken = [...this.#told].filter(([, one]) => one.lease !== undefined).map(([peer, one]) => [peer, one.at] as const);
    const holders = [...(this.#keptHereAt === undefined ? [] : [[lease.peer, this.#keptHereAt] as const]), ...taken];
    return { epoch: lease.epoch, n: lease.n, blobs: lease.count, holders: holders.map(([peer, renewedAt]) => ({ peer, renewedAt, endsAt: renewedAt + lease.ttl })) };
  }

  /** A super-peer was linked. */
  came(superPeer: string): void {
    this.#forget(superPeer);
    this.#tell(superPeer);
  }

  /** A super-peer is linked no more; it forgets the lease by itself, and is told of it anew when it is back. */
  went(superPeer: string): void {
    this.#forget(superPeer);
  }

  /** Takes everything back at the super-peers that are linked, as far as they answer in time. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#collect);
    clearTimeout(this.#renewal);
    // A lease that is on its way may have been taken although nobody has said so yet.
    const told = [...this.#told].filter(([, one]) => one.lease !== undefined || one.running).map(([superPeer]) => superPeer);
    for (const superPeer of this.#told.keys()) this.#forget(superPeer);
    if (told.length === 0) return;
    const lease = this.#needs.own.withdrawal();
    const signal = AbortSignal.timeout(withdrawMs);
    await Promise.allSettled(told.map((superPeer) => this.#bring(superPeer, lease, signal)));
  }

  #changed(): void {
    if (!this.#started || this.#stopping.signal.aborted) return;
    this.#collect ??= setTimeout(() => {
      this.#collect = undefined;
      this.#tellAll();
    }, this.#needs.limits.collectMs);
  }

  #renewLater(): void {
    const half = this.#needs.own.ttl / 2;
    this.#renewal = setTimeout(() => {
      this.#needs.own.renew(this.#needs.addresses());
      this.#tellAll();
      this.#renewLater();
    }, half * (0.9 + Math.random() / 10));
  }

  #tellAll(): void {
    const { own, keepHere, addresses, supers } = this.#needs;
    if (keepHere) {
      keepHere.call(this.#needs, own.current(addresses()));
      this.#keptHereAt = Date.now();
    }
    for (const superPeer of supers()) this.#tell(superPeer);
  }

  #tell(superPeer: string): void {
    if (!this.#started || this.#stopping.signal.aborted) return;
    let told = this.#told.get(superPeer);
    if (!told) this.#told.set(superPeer, (told = { lease: undefined, at: 0, failures: 0, running: false, retry: undefined }));
    if (told.running) return;
    clearTimeout(told.retry);
    told.running = true;
    void this.#level(superPeer, told).finally(() => (told.running = false));
  }

  async #level(superPeer: string, told: Told): Promise<void> {
    const { own, addresses, log } = this.#needs;
    try {
      for (let lease = own.current(addresses()); told.lease !== lease; lease = own.current(addresses())) {
        if (await this.#bring(superPeer, lease, this.#stopping.signal)) Object.assign(told, { lease, at: Date.now() });
        told.failures = 0;
      }
    } catch (error) {
      if (this.#stopping.signal.aborted || this.#told.get(superPeer) !== told) return;
      told.failures += 1;
      log.debug('a super-peer did not take the lease', { peer: superPeer, error });
      told.retry = setTimeout(() => this.#tell(superPeer), Math.min(longestWaitMs, shortestWaitMs * 2 ** told.failures) * (0.75 + Math.random() / 2));
    }
  }

  /** Whether that lease is known there now; if not, there is a newer one to bring. Throws BAD_FRAME for an answer that leaves neither. */
  async #bring(superPeer: string, lease: Lease, signal: AbortSignal): Promise<boolean> {
    const { own, addresses, limits } = this.#needs;
    const isCurrent = (): boolean => lease.ttl > 0 && own.current(addresses()) === lease;
    const step = { timeoutMs: limits.answerMs, signal };
    return this.#needs.exchange(superPeer, async (channel) => this.#isKnown(superPeer, lease, await bringLease(channel, { lease, cids: own.cids, isCurrent }, step)), signal);
  }

  #isKnown(superPeer: string, lease: Lease, brought: Brought): boolean {
    const { own, addresses, onFulls } = this.#needs;
    if (brought.outcome === 'leased') {
      if (brought.fulls.length > 0) onFulls.call(this.#needs, brought.fulls, superPeer);
      return true;
    }
    if (brought.outcome === 'changed') return false;
    const isOurs = brought.known.peer === lease.peer;
    if (isOurs && compareLeases(brought.known, lease) === 0) return true;
    // Trying at once what was refused for no reason would let a super-peer keep this one busy.
    if (!isOurs || (!own.jump(brought.known) && own.current(addresses()) === lease)) throw new SoukError('BAD_FRAME', 'The super-peer refused a lease for one that counts less.');
    return false;
  }

  #forget(superPeer: string): void {
    clearTimeout(this.#told.get(superPeer)?.retry);
    this.#told.delete(superPeer);
  }
}
