import type { OnApplicationShutdown } from '@nestjs/common';
import { readSiteChanges } from '@souk/contracts';
import { fromWire, SiteChain, SiteState, SoukError } from '@souk/domain';
import { Follower, type Condition, type Log, type PeerReads } from '@souk/nest';

/** Records asked for at once. */
const page = 500;
/** Well below `freshMs`, so that decisions seldom have to wait. */
const defaultIdleMs = 400;
/** How old knowledge may be that a decision rests on, in milliseconds: the promise that a revoked token is refused within a second. */
const freshMs = 1000;
const defaultPatienceMs = 2000;

/** What a site follower needs. */
export interface SiteFollowerNeeds {
  readonly rpc: Pick<PeerReads, 'call'>;
  readonly condition: Condition;
  readonly log: Log;
  /** Milliseconds of a clock that never goes back. */
  readonly clock?: () => number;
  /** How often the peer is asked although it said nothing, in milliseconds; 400 unless given. */
  readonly idleMs?: number;
  /** How long a decision waits for fresh knowledge, in milliseconds; 2,000 unless given. */
  readonly patienceMs?: number;
}

/**
 * The site log as this gateway knows it: follows the peer by its word and by asking again and again, checks every record, and knows how old
 * its knowledge is.
 */
export class SiteFollower implements OnApplicationShutdown {
  /** What the site log says, as far as it was read. */
  readonly state = new SiteState();
  readonly #chain = new SiteChain();
  readonly #needs: SiteFollowerNeeds;
  readonly #clock: () => number;
  readonly #follower: Follower;
  /** When the read began that had everything; the clock's lowest when there was none. */
  #knownAt = Number.NEGATIVE_INFINITY;
  #waiting: (() => void)[] = [];

  constructor(needs: SiteFollowerNeeds) {
    this.#needs = needs;
    this.#clock = needs.clock ?? (() => performance.now());
    const idleMs = needs.idleMs ?? defaultIdleMs;
    this.#follower = new Follower({ name: 'site log', condition: needs.condition, log: needs.log, idleMs, longestPauseMs: idleMs, step: (_cursor, signal) => this.#step(signal) });
  }

  /** Begins to follow. */
  start(): void {
    this.#follower.start();
  }

  /** The peer said that there is news. */
  poke(): void {
    this.#follower.poke();
  }

  /** The state as it was read last, however old; undefined before the first read. */
  get known(): SiteState | undefined {
    return this.#knownAt === Number.NEGATIVE_INFINITY ? undefined : this.state;
  }

  /** The state, not older than a second. Waits for it a little; UNAVAILABLE when no peer answers. */
  async fresh(): Promise<SiteState> {
    const from = this.#clock() - freshMs;
    return this.#whenever(() => this.#knownAt >= from);
  }

  /** The state with at least `length` records: what was just written. */
  async including(length: number): Promise<SiteState> {
    return this.#whenever(() => this.#chain.length >= length);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#follower.onApplicationShutdown();
    this.#tell();
  }

  async #step(signal: AbortSignal): Promise<{ next: number; caughtUp: boolean }> {
    const began = this.#clock();
    const { records, length } = await this.#needs.rpc.call(readSiteChanges, { after: this.#chain.length, limit: page }, { signal, isPatient: true });
    if (length < this.#chain.length) throw new SoukError('UNAVAILABLE', `The site log has ${length} records at the peer, and ${this.#chain.length} were read.`, { hint: 'If the site was restored from an older backup, restart this service.' });
    for (const one of records) this.state.take(this.#chain.take(fromWire(one)));
    const caughtUp = this.#chain.length >= length;
    if (caughtUp) this.#knownAt = began;
    this.#tell();
    return { next: this.#chain.length, caughtUp };
  }

  async #whenever(isKnown: () => boolean): Promise<SiteState> {
    const deadline = this.#clock() + (this.#needs.patienceMs ?? defaultPatienceMs);
    while (!isKnown()) {
      const left = deadline - this.#clock();
      if (left <= 0) throw new SoukError('UNAVAILABLE', 'No peer tells this gateway who may do what, so it decides nothing.', { hint: 'Try again in a moment; the operator sees more at /readyz.' });
      this.poke();
      await this.#news(left);
    }
    return this.state;
  }

  async #news(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#waiting.push(resolve);
    await promise;
    clearTimeout(timer);
  }

  #tell(): void {
    for (const tell of this.#waiting.splice(0)) tell();
  }
}
