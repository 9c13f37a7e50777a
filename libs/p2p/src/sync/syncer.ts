import type { FrameRecord, SyncFrame } from '@souk/contracts';
import { isSoukError, type LogStore, type RecordVerifier } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import { shuffled } from '../node/links.ts';
import type { PeerLimits } from '../node/peer-limits.ts';
import type { PeerLog } from '../node/peer-log.ts';
import { Slots } from '../node/slots.ts';
import { orAbort } from '../node/waiting.ts';
import type { ChargedIntake } from './charged-intake.ts';
import type { HeldHeads } from './held-heads.ts';
import { Lag, type LagLine } from './lag.ts';
import { Pull, type Pulled } from './pull.ts';
import type { StoppedLog, SyncReport } from './sync-report.ts';

/** Links that are told when records came by sync; each of them tells others. */
const fanOut = 8;
const defaultReconcileMs = 30_000;
/** How long news are collected before links are told, in milliseconds. */
const tellAfterMs = 50;

/** What syncing needs. */
export interface SyncerNeeds {
  readonly logs: LogStore;
  readonly heads: HeldHeads;
  readonly intake: ChargedIntake;
  readonly verifier: RecordVerifier;
  readonly limits: PeerLimits;
  readonly log: PeerLog;
  /** Opens a `/souk/sync/1` stream to a peer. */
  open(peer: string, signal: AbortSignal): Promise<Channel<SyncFrame>>;
  /** Ids of the peers that we are linked to. */
  linked(): readonly string[];
  /** Whether what is new here is pushed to a peer: it needs not be told that there is something. */
  isPushedTo(peer: string): boolean;
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
}

/** Keeps the logs equal to those of the linked peers: who asks whom, when, and never twice at once. */
export class Syncer {
  readonly #needs: SyncerNeeds;
  readonly #slots: Slots;
  readonly #peers = new Map<string, PeerState>();
  readonly #stopping = new AbortController();
  readonly #untold = new Set<string>();
  readonly #lag = new Lag(Date.now);
  #tellTimer: NodeJS.Timeout | undefined;
  #reconcileTimer: NodeJS.Timeout | undefined;

  constructor(needs: SyncerNeeds) {
    this.#needs = needs;
    this.#slots = new Slots(needs.limits.parallelSyncs);
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
    clearTimeout(this.#tellTimer);
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

  /** Takes from a peer what we lack, in the background. */
  request(peer: string): void {
    if (this.#stopping.signal.aborted) return;
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
    if (state.isGone && !state.next) return this.#drop(peer);
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

  /** Records came from `source`: some other links are greeted soon, so that they ask for them. */
  tellOthers(source: string): void {
    this.#untold.add(source);
    if (this.#tellTimer !== undefined || this.#stopping.signal.aborted) return;
    this.#tellTimer = setTimeout(() => {
      this.#tellTimer = undefined;
      const sources = new Set(this.#untold);
      this.#untold.clear();
      const others = this.#needs.linked().filter((peer) => !this.#needs.isPushedTo(peer) && (sources.size > 1 || !sources.has(peer)));
      for (const peer of shuffled(others).slice(0, fanOut)) this.request(peer);
    }, tellAfterMs);
  }

  async #run(peer: string, state: PeerState): Promise<SyncReport> {
    return this.#slots.run(async () => {
      const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(this.#needs.limits.syncMs)]);
      // Built before the stream is open: of very many logs that takes longer than a stream may idle.
      await this.#needs.heads.tree();
      const channel = await this.#needs.open(peer, signal);
      state.underWay = true;
      const pull = new Pull(channel, this.#pullNeeds(peer, state), signal);
      try {
        const pulled = await pull.run();
        await channel.close();
        this.#settle(peer, state, pulled);
        this.#lag.exchanged(peer, pulled.added, pulled.complete && pulled.stopped.length === 0 ? undefined : pull.missing);
        return { peer, same: pulled.same, records: pulled.added, stopped: pulled.stopped };
      } catch (error) {
        this.#lag.failed(peer, error, pull.missing);
        if (pull.added > 0) this.tellOthers(peer);
        // What was taken stays, so the next one goes on behind it.
        state.unfinished = pull.added > 0 && isSoukError(error) && error.entry.retry;
        channel.abort(error instanceof Error ? error : new Error(String(error)));
        throw error;
      }
    }, this.#stopping.signal);
  }

  #pullNeeds(peer: string, state: PeerState): ConstructorParameters<typeof Pull>[1] {
    const { logs, heads, intake, verifier, limits, blame } = this.#needs;
    return { logs, heads, intake: intake.from(peer), verifier, limits, blame: (culprit) => blame(peer, culprit), exhausted: (root) => (state.exhausted?.root === root ? state.exhausted.stopped : undefined) };
  }

  #settle(peer: string, state: PeerState, pulled: Pulled): void {
    const { complete, root, stopped, added } = pulled;
    if (stopped.length > 0 && stopped !== state.exhausted?.stopped) this.#needs.log.warn('logs of a peer could not be taken whole', { peer, stopped: stopped.slice(0, 20) });
    // What waits for a budget is asked for again: it is refilled with time.
    if (complete && root !== undefined && stopped.every((one) => one.code !== 'RATE_LIMITED')) state.exhausted = { root, stopped };
    state.unfinished = !complete && added > 0;
    if (added > 0) this.tellOthers(peer);
  }

  #stateOf(peer: string): PeerState {
    let state = this.#peers.get(peer);
    if (!state) this.#peers.set(peer, (state = { underWay: false, unfinished: false, isGone: false }));
    state.isGone = false;
    return state;
  }

  #drop(peer: string): void {
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
