import type { FrameRecord, SyncFrame } from '@souk/contracts';
import { isSoukError, SoukError, type LogStore, type RecordVerifier } from '@souk/domain';
import type { FollowedLogs } from '../follow/followed-logs.ts';
import type { Channel } from '../frame/channel.ts';
import { shuffled } from '../node/links.ts';
import type { PeerLimits } from '../node/peer-limits.ts';
import type { PeerLog } from '../node/peer-log.ts';
import { Slots } from '../node/slots.ts';
import { orAbort } from '../node/waiting.ts';
import type { ChargedIntake } from './charged-intake.ts';
import type { HeldHeads } from './held-heads.ts';
import { Lag, type LagLine } from './lag.ts';
import { NewsTeller, type Spreading } from './news-teller.ts';
import { Pull, type Pulled } from './pull.ts';
import type { StoppedLog, SyncReport } from './sync-report.ts';

const defaultReconcileMs = 30_000;
/** How long a peer is left alone that brought nothing but a failure: twice as long after each, in milliseconds. */
const [shortestWaitMs, longestWaitMs] = [1000, 60_000];

/** What syncing needs. */
export interface SyncerNeeds {
  readonly logs: LogStore;
  readonly heads: HeldHeads;
  readonly intake: ChargedIntake;
  readonly verifier: RecordVerifier;
  readonly limits: PeerLimits;
  readonly log: PeerLog;
  /** What is followed, unless that is everything. */
  readonly follows?: FollowedLogs | undefined;
  /** Opens a `/souk/sync/1` stream to a peer. */
  open(peer: string, signal: AbortSignal): Promise<Channel<SyncFrame>>;
  /** Ids of the peers that we are linked to. */
  linked(): readonly string[];
  /** How news get to others beside sync: who gets them so need not be greeted. */
  readonly spreading: Spreading;
  blame(peer: string, culprit: FrameRecord): void;
}

interface PeerState {
  flight?: Promise<SyncReport>;
  /** The flight has asked for heads, or is about to: what the peer gets from now on it may miss. */
  underWay: boolean;
  /** The exchange after the one in flight, when somebody wants it. */
  next?: Promise<SyncReport>;
  /** The exchange in flight reached its limits: there is more to be had. */
  unfinished: boolean;
  /** The head root that the peer told while an exchange was in flight. */
  greeting?: string;
  /** The peer's head root when we had taken everything that we can take of it, and the logs that we could not take whole. */
  exhausted?: { readonly root: string; readonly stopped: readonly StoppedLog[] };
  /** The link is gone, but an exchange goes on. */
  isGone: boolean;
  /** Its last exchange ended well. */
  isProven: boolean;
  /** Exchanges in a row that failed and brought nothing, and when it is asked again in the background. */
  failures: number;
  notBefore: number;
  retry?: NodeJS.Timeout;
}

/** Keeps the logs equal to those of the linked peers: who asks whom, when, and never twice at once. */
export class Syncer {
  readonly #needs: SyncerNeeds;
  readonly #slots: Slots;
  /** Through which those go whose last exchange did not end well, or who had none yet: one place is left to the others, however many of these there are. */
  readonly #unproven: Slots;
  readonly #peers = new Map<string, PeerState>();
  readonly #stopping = new AbortController();
  readonly #teller: NewsTeller;
  readonly #lag = new Lag(Date.now);
  /** How often other logs were followed: what an exchange took that began before is not all that there is to be had. */
  #lists = 0;
  #reconcileTimer: NodeJS.Timeout | undefined;

  constructor(needs: SyncerNeeds) {
    this.#needs = needs;
    this.#slots = new Slots(needs.limits.parallelSyncs);
    this.#unproven = new Slots(Math.max(1, needs.limits.parallelSyncs - 1));
    this.#teller = new NewsTeller({ spreading: needs.spreading, linked: () => needs.linked(), greet: (peer) => this.request(peer) });
    needs.follows?.onChanged(() => this.#followMore());
  }

  /** Begins to reconcile with one random link every `reconcileMs`, 30 s unless given, give or take a fifth. */
  start(reconcileMs = defaultReconcileMs): void {
    const wait = reconcileMs * (0.8 + Math.random() * 0.4);
    this.#reconcileTimer = setTimeout(() => {
      const [peer] = shuffled(this.#needs.linked());
      if (peer !== undefined) this.request(peer);
      this.start(reconcileMs);
    }, wait);
  }

  /** Ends every exchange that this side began. */
  async stop(): Promise<void> {
    clearTimeout(this.#reconcileTimer);
    this.#teller.stop();
    for (const { retry } of this.#peers.values()) clearTimeout(retry);
    this.#stopping.abort();
    await Promise.allSettled([...this.#peers.values()].flatMap((state) => [state.flight, state.next].filter((one) => one !== undefined)));
  }

  /** Whether everything that the peer offered last is held here. */
  inSync(peer: string): boolean {
    return this.#lag.isLevel(peer);
  }

  /** How level this peer is with each of those that it is linked to. */
  lag(): readonly LagLine[] {
    return this.#lag.lines(this.#needs.linked());
  }

  /** The link to a peer is gone. What is in flight, or about to be, ends by itself: were it forgotten, the next one would run beside it. */
  forget(peer: string): void {
    const state = this.#peers.get(peer);
    if (state?.flight || state?.next) state.isGone = true;
    else this.#drop(peer);
  }

  /**
   * Takes from a peer what we lack. Joins an exchange that has not begun yet; after one that is under way, which may have missed the
   * latest, there is one more for all who ask meanwhile. The signal ends the waiting, not the exchange.
   */
  sync(peer: string, signal?: AbortSignal): Promise<SyncReport> {
    const state = this.#stateOf(peer);
    return orAbort(this.#exchange(peer, state), signal, 'Syncing');
  }

  /** Takes from a peer what we lack, in the background; later, when it has just failed. */
  request(peer: string): void {
    if (this.#stopping.signal.aborted) return;
    const state = this.#stateOf(peer);
    const wait = state.notBefore - Date.now();
    if (wait > 0) {
      clearTimeout(state.retry);
      state.retry = setTimeout(() => this.#needs.linked().includes(peer) && this.request(peer), wait);
      return;
    }
    this.sync(peer).catch((error: unknown) => this.#report(peer, error));
  }

  #exchange(peer: string, state: PeerState): Promise<SyncReport> {
    if (!state.flight) return this.#begin(peer, state);
    if (!state.underWay) return state.flight;
    state.next ??= state.flight
      .catch(() => undefined)
      .then(() => {
        delete state.next;
        return state.flight ?? this.#begin(peer, state);
      });
    return state.next;
  }

  #begin(peer: string, state: PeerState): Promise<SyncReport> {
    state.flight = this.#run(peer, state).finally(() => this.#landed(peer, state));
    return state.flight;
  }

  #landed(peer: string, state: PeerState): void {
    delete state.flight;
    const { unfinished, greeting } = state;
    state.underWay = false;
    state.unfinished = false;
    delete state.greeting;
    // Who was never linked, or not for long enough to be noticed, is not told to be gone.
    if (!state.next && (state.isGone || (!unfinished && !this.#needs.linked().includes(peer)))) return this.#drop(peer);
    if (unfinished) this.request(peer);
    else if (greeting !== undefined && !state.next) void this.greeted(peer, greeting).catch((error: unknown) => this.#report(peer, error));
  }

  /** A peer greeted us with its head root: if it may have something new, it is asked. */
  async greeted(peer: string, root: string): Promise<void> {
    const state = this.#stateOf(peer);
    if (state.flight) {
      state.greeting = root;
      return;
    }
    if (state.exhausted?.root === root) return;
    if ((await this.#needs.heads.root()) === root) {
      this.#lag.level(peer);
      return;
    }
    this.#lag.differs(peer);
    this.request(peer);
  }

  /** Other logs are followed: what peers offered before is worth another look. */
  #followMore(): void {
    this.#lists += 1;
    for (const state of this.#peers.values()) delete state.exhausted;
    for (const peer of this.#needs.linked()) this.request(peer);
  }

  #run(peer: string, state: PeerState): Promise<SyncReport> {
    const { signal } = this.#stopping;
    const inPlace = (): Promise<SyncReport> => this.#slots.run(() => this.#ask(peer, state), signal);
    return state.isProven ? inPlace() : this.#unproven.run(inPlace, signal);
  }

  async #ask(peer: string, state: PeerState): Promise<SyncReport> {
    const idle = new AbortController();
    const signal = AbortSignal.any([this.#stopping.signal, idle.signal, AbortSignal.timeout(this.#needs.limits.syncMs)]);
    // Built before the stream is open: of very many logs that takes longer than a stream may idle.
    await this.#needs.heads.tree();
    const channel = await this.#needs.open(peer, signal).catch((error: unknown) => this.#failed(state, error));
    state.underWay = true;
    const lists = this.#lists;
    const pull = new Pull(channel, this.#pullNeeds(peer, state), signal);
    const watch = this.#watchProgress(() => pull.added, idle);
    try {
      const pulled = await pull.run();
      await channel.close();
      this.#settle(peer, state, pulled, lists);
      this.#lag.exchanged(peer, pulled.added, pulled.complete && pulled.stopped.length === 0 ? undefined : pull.missing);
      return { peer, same: pulled.same, records: pulled.added, stopped: pulled.stopped };
    } catch (error) {
      this.#lag.failed(peer, error, pull.missing);
      channel.abort(error instanceof Error ? error : new Error(String(error)));
      if (pull.added === 0) return this.#failed(state, error);
      this.#teller.came(peer, pull.added);
      // What was taken stays, so the next one goes on behind it.
      state.unfinished = isSoukError(error) && error.entry.retry;
      throw error;
    } finally {
      clearInterval(watch);
    }
  }

  /** Who brings nothing new does not keep others from their turn. */
  #watchProgress(added: () => number, idle: AbortController): NodeJS.Timeout {
    let before = 0;
    return setInterval(() => {
      if (added() === before && (this.#slots.isWanted || this.#unproven.isWanted)) idle.abort(new SoukError('TIMEOUT', 'The peer brought nothing new, and others wait.'));
      before = added();
    }, this.#needs.limits.syncIdleMs);
  }

  #failed(state: PeerState, error: unknown): never {
    state.isProven = false;
    state.failures += 1;
    state.notBefore = Date.now() + Math.min(longestWaitMs, shortestWaitMs * 2 ** (state.failures - 1));
    throw error;
  }

  #pullNeeds(peer: string, state: PeerState): ConstructorParameters<typeof Pull>[1] {
    const { logs, heads, intake, verifier, limits, follows, blame } = this.#needs;
    return { logs, heads, follows, intake: intake.from(peer), verifier, limits, blame: (culprit) => blame(peer, culprit), exhausted: (root) => (state.exhausted?.root === root ? state.exhausted.stopped : undefined) };
  }

  #settle(peer: string, state: PeerState, pulled: Pulled, lists: number): void {
    const { complete, root, stopped, added } = pulled;
    state.isProven = true;
    state.failures = 0;
    if (stopped.length > 0 && stopped !== state.exhausted?.stopped) this.#needs.log.warn('logs of a peer could not be taken whole', { peer, stopped: stopped.slice(0, 20) });
    // What waits for a budget is asked for again: it is refilled with time.
    if (complete && lists === this.#lists && root !== undefined && stopped.every((one) => one.code !== 'RATE_LIMITED')) state.exhausted = { root, stopped };
    state.unfinished = !complete && added > 0;
    if (added > 0) this.#teller.came(peer, added);
  }

  #stateOf(peer: string): PeerState {
    let state = this.#peers.get(peer);
    if (!state) this.#peers.set(peer, (state = { underWay: false, unfinished: false, isGone: false, isProven: false, failures: 0, notBefore: 0 }));
    state.isGone = false;
    return state;
  }

  #drop(peer: string): void {
    clearTimeout(this.#peers.get(peer)?.retry);
    this.#peers.delete(peer);
    this.#lag.forget(peer);
  }

  #report(peer: string, error: unknown): void {
    if (this.#stopping.signal.aborted) return;
    if (isSoukError(error) && error.entry.retry) this.#needs.log.debug('sync ended early', { peer, code: error.code });
    else if (isSoukError(error) && error.code === 'BAD_FRAME') this.#needs.log.warn('a peer does not keep to the sync protocol', { peer, error });
    else this.#needs.log.error('sync failed', { peer, error });
  }
}
