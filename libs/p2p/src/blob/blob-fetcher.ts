import { abortError, isSoukError, sha256Of, SoukError, throwIfAborted, toHex, type BlobStore, type Cid, type ErrorCode, type Outcome } from '@souk/domain';
import type { BlobFrame } from '@souk/contracts';
import type { Channel } from '../frame/channel.ts';
import type { Bandwidth } from '../node/bandwidth.ts';
import type { PeerLimits } from '../node/peer-limits.ts';
import type { PeerLog } from '../node/peer-log.ts';
import { Slots } from '../node/slots.ts';
import { orAbort } from '../node/waiting.ts';
import type { Lookups } from '../lookup/lookups.ts';
import { BlobFetch } from './blob-fetch.ts';
import { checkPlan, wrongPlan, type FetchPlan } from './fetch-plan.ts';
import type { Tally } from './tallies.ts';

/** How far a fetch has come: verified bytes of how many, from how many providers. */
export interface FetchProgress {
  readonly bytes: number;
  readonly total: number;
  readonly providers: number;
}

/** What to know about a blob before fetching it, and how to follow or end the fetch. */
export interface FetchOptions {
  /** Bytes of the blob, as its release says. */
  readonly size: number;
  /** SHA-256 of each 1 MiB slice, as its release says. */
  readonly chunks: readonly Uint8Array[];
  /** Ends this caller's wait; the fetch ends when nobody waits any more. */
  readonly signal?: AbortSignal;
  onProgress?(progress: FetchProgress): void;
}

/** How a blob came here. */
export interface FetchReport {
  readonly cid: Cid;
  readonly bytes: number;
  /** Whether it was here before. */
  readonly already: boolean;
  /** Peer ids of those who delivered good bytes. */
  readonly providers: readonly string[];
  readonly ms: number;
}

/** What fetching needs. */
export interface FetcherNeeds {
  readonly blobs: BlobStore;
  readonly finder: Pick<Lookups, 'near' | 'farAndNew' | 'again' | 'failed'>;
  readonly limits: PeerLimits;
  /** What all fetches may take together. */
  readonly down: Bandwidth;
  readonly maxBlobBytes: number;
  readonly log: PeerLog;
  open(peer: string, signal: AbortSignal): Promise<Channel<BlobFrame>>;
  /** A fetch ended: with which code, after how many milliseconds, for how many bytes. */
  fetched?(code: 'OK' | ErrorCode, tookMs: number, bytes: number): void;
  /** Keeps what became of one provider; never fails. */
  observe(seen: { peer: string; cid: Cid; outcome: Outcome; bytes: number; ms: number }): Promise<void>;
}

interface Flight {
  readonly promise: Promise<FetchReport>;
  readonly control: AbortController;
  readonly watchers: Set<(progress: FetchProgress) => void>;
  waiting: number;
}

/** Brings blobs here: each once, however many ask for it, and only so many at a time. */
export class BlobFetcher {
  readonly #needs: FetcherNeeds;
  readonly #slots: Slots;
  readonly #flights = new Map<string, Flight>();

  constructor(needs: FetcherNeeds) {
    this.#needs = needs;
    this.#slots = new Slots(needs.limits.parallelFetches);
  }

  /** Fetches a blob into the store, see `PeerNode.fetchBlob`. */
  async fetch(cid: Cid, options: FetchOptions): Promise<FetchReport> {
    throwIfAborted(options.signal, 'Fetching the blob');
    const plan: FetchPlan = { cid, size: options.size, chunks: options.chunks };
    checkPlan(plan, this.#needs.maxBlobBytes);
    if ((await this.#needs.blobs.size(cid)) !== undefined) return { cid, bytes: plan.size, already: true, providers: [], ms: 0 };
    // Two releases may name one cid with other chunk hashes: the wrong one must not spoil the fetch of the right one.
    const name = `${cid}:${plan.size}:${toHex(sha256Of(...plan.chunks))}`;
    // One that was given up a moment ago puts aside what it has: the next one goes on behind it.
    for (let ending = this.#flights.get(name); ending?.control.signal.aborted; ending = this.#flights.get(name)) await orAbort(ending.promise.catch(() => undefined), options.signal, 'Fetching the blob');
    return this.#join(this.#flights.get(name) ?? this.#start(name, plan), options);
  }

  /** Ends every fetch. */
  async stop(): Promise<void> {
    for (const flight of this.#flights.values()) flight.control.abort(new SoukError('CANCELLED', 'The peer is stopping.'));
    await Promise.allSettled([...this.#flights.values()].map((flight) => flight.promise));
  }

  async #join(flight: Flight, options: FetchOptions): Promise<FetchReport> {
    const watch = options.onProgress?.bind(options);
    flight.waiting += 1;
    if (watch) flight.watchers.add(watch);
    try {
      return await orAbort(flight.promise, options.signal, 'Fetching the blob');
    } finally {
      if (watch) flight.watchers.delete(watch);
      flight.waiting -= 1;
      if (flight.waiting === 0) flight.control.abort();
    }
  }

  #start(name: string, plan: FetchPlan): Flight {
    const control = new AbortController();
    const since = performance.now();
    const watchers: Flight['watchers'] = new Set();
    const progress = (bytes: number, providers: number): void => {
      for (const watch of watchers) watch({ bytes, total: plan.size, providers });
    };
    const promise = this.#slots
      .run(() => this.#fetch(plan, control.signal, progress), control.signal)
      .finally(() => {
        if (this.#flights.get(name)?.control === control) this.#flights.delete(name);
      });
    // Who gave up no longer listens; the failure is told to those who still do.
    promise.then(
      (report) => this.#needs.fetched?.('OK', performance.now() - since, report.bytes),
      (error: unknown) => this.#needs.fetched?.(isSoukError(error) ? error.code : 'INTERNAL', performance.now() - since, 0),
    );
    const flight: Flight = { promise, control, watchers, waiting: 0 };
    this.#flights.set(name, flight);
    return flight;
  }

  async #fetch(plan: FetchPlan, signal: AbortSignal, progress: (bytes: number, providers: number) => void): Promise<FetchReport> {
    const { blobs, finder, limits, down, open } = this.#needs;
    const { cid } = plan;
    const since = performance.now();
    const asked = new Set<string>();
    const draft = await blobs.draft({ maxBytes: plan.size, ...(plan.chunks.length > 1 ? { resume: cid } : {}) });
    const fetch = new BlobFetch(plan, { draft, limits, down, open, progress, near: (stop) => finder.near(cid, stop, asked), far: (stop) => finder.farAndNew(cid, stop, asked), again: (stop, known) => finder.again(cid, stop, known) });
    let fetched = false;
    // What was verified stays for the next attempt, unless there is no place for it.
    let end = (): Promise<void> => draft.suspend();
    try {
      await fetch.run(signal);
      await draft.commit(cid);
      fetched = true;
      return { cid, bytes: plan.size, already: false, providers: fetch.tallies.good, ms: performance.now() - since };
    } catch (error) {
      if (isSoukError(error) && (error.code === 'CID_MISMATCH' || error.code.startsWith('STORAGE_'))) end = () => draft.abort();
      throw this.#explain(error, { plan, fetch, asked, signal });
    } finally {
      if (!fetched) await end();
      await this.#record(cid, fetch.tallies.settle(fetched));
    }
  }

  #explain(error: unknown, context: { plan: FetchPlan; fetch: BlobFetch; asked: ReadonlySet<string>; signal: AbortSignal }): unknown {
    const { plan, fetch, asked, signal } = context;
    if (signal.aborted) return abortError(signal, 'Fetching the blob');
    if (!isSoukError(error)) return error;
    if (error.code === 'CID_MISMATCH') return wrongPlan(plan.cid, 'names chunk hashes of other bytes');
    if (error.code !== 'NO_PROVIDER') return error;
    const failures = fetch.tallies.settle(true).map(({ peer, outcome }) => ({ peer, outcome }));
    return new SoukError('NO_PROVIDER', `No peer could deliver the blob ${plan.cid}: ${describe(asked, fetch.found)}.`, {
      hint: 'Try again when a peer that has it is online.',
      details: { cid: plan.cid, asked: [...asked].slice(0, 100), found: fetch.found, failures, ...(fetch.tallies.agreedOnWrong ? { suspect: 'release' } : {}) },
    });
  }

  async #record(cid: Cid, tallies: readonly Tally[]): Promise<void> {
    for (const { peer, outcome, bytes, since } of tallies) {
      if (!outcome) continue;
      if (outcome !== 'ok') await this.#needs.finder.failed(cid, peer, outcome === 'missing' ? 'invented' : 'dead');
      await this.#needs.observe({ peer, cid, outcome, bytes, ms: Date.now() - since });
    }
  }
}

function describe(asked: ReadonlySet<string>, found: number): string {
  const peers = asked.has('dht') ? asked.size - 1 : asked.size;
  const searched = asked.has('dht') ? ' and the DHT' : '';
  if (asked.size === 0) return 'this peer is linked to nobody';
  return `asked ${peers} linked ${peers === 1 ? 'peer' : 'peers'}${searched}, ${found === 0 ? 'none has it' : `${found} claimed to have it and failed`}`;
}
