import { Absences, type BlobStore, type Cid, type Hint, type HintStore, type LookupTier, type LookupTrace, type OpenStep, type VerifiedRecord } from '@souk/domain';
import { better, type Provider } from '../blob/provider.ts';
import type { PeerLog } from '../node/peer-log.ts';
import { elapsed, orAbort } from '../node/waiting.ts';
import type { NamedProvider } from './lookup-client.ts';
import type { ProviderFinder } from './provider-finder.ts';
import type { SuperFinder } from './super-finder.ts';

/** One cache of hints, with the tier that it is. */
export interface HintTier {
  readonly tier: 'hot' | 'warm';
  readonly store: HintStore;
}

/** Who has a blob, and which tier knew. */
export interface Lookup {
  /** `local`: this peer; `hot`, `warm`: a cache, so that it may have changed; `super`: super-peers; `peers`: linked peers said so; `dht`: the DHT names them. */
  readonly tier: LookupTier;
  /** Peer ids, the best first. */
  readonly providers: readonly string[];
  readonly tookMs: number;
}

/** What lookups need. */
export interface LookupsNeeds {
  readonly self: string;
  readonly blobs: BlobStore;
  readonly finder: Pick<ProviderFinder, 'near' | 'far' | 'gatherNear' | 'isAlone'>;
  readonly supers: Pick<SuperFinder, 'find' | 'failed' | 'stop'>;
  /** The quickest first. */
  readonly hints: readonly HintTier[];
  readonly log: PeerLog;
  /** The zone that this peer is in, where it was told. */
  readonly zone?: string | undefined;
  /** How long a fetch tries cached providers alone, in milliseconds. */
  readonly hedgeMs: number;
  rank(peer: string): number;
  meet(provider: { readonly peer: string; readonly addresses: readonly string[] }): Promise<void>;
  /** A tier was asked; whether it knew. */
  asked(tier: Exclude<LookupTier, 'none'>, hit: boolean): void;
  /** A question was answered, by which tier and after how many milliseconds. */
  answered?(tier: LookupTier, tookMs: number): void;
}

const justAbsent = 'nobody had it a moment ago';

interface Known {
  readonly tier: 'hot' | 'warm' | 'super';
  readonly providers: readonly Provider[];
}

/** What was found without caches and super-peers. */
interface Walked {
  readonly tier: 'peers' | 'dht' | 'none';
  readonly providers: readonly Provider[];
}

/** Finds who has a blob, tier by tier: cached hints, super-peers, linked peers, the DHT. One search at a time for one cid. */
export class Lookups {
  readonly #needs: LookupsNeeds;
  readonly #absences = new Absences();
  readonly #flights = new Map<Cid, Promise<readonly NamedProvider[]>>();
  readonly #walks = new Map<Cid, Promise<Walked>>();
  readonly #stopping = new AbortController();

  constructor(needs: LookupsNeeds) {
    this.#needs = needs;
  }

  /** New records came: blobs that they name may be had now. */
  newRecords(records: readonly VerifiedRecord[]): void {
    this.#absences.newRecords(records);
  }

  /** Looks a blob up without fetching it; what is tried is written into `trace`. */
  async lookup(cid: Cid, signal: AbortSignal, trace?: LookupTrace): Promise<Lookup> {
    const since = performance.now();
    const answer = (tier: LookupTier, providers: readonly Provider[]): Lookup => {
      const tookMs = performance.now() - since;
      this.#needs.answered?.(tier, tookMs);
      return { tier, providers: providers.toSorted(better).map((one) => one.peer), tookMs };
    };
    const { blobs, self } = this.#needs;
    const here = trace?.begin('local');
    if (this.#told('local', (await blobs.size(cid)) !== undefined, here)) return answer('local', [{ peer: self, score: 1, latencyMs: 0 }]);
    const known = (await this.#hinted(cid, trace)) ?? (await this.#fromSupers(cid, signal, trace));
    if (known) return answer(known.tier, known.providers);
    const walked = await orAbort(this.#singleWalk(cid, trace), signal, 'The lookup');
    return answer(walked.tier, walked.providers);
  }

  /** Providers for a fetch, as they are found: hints first, and what super-peers say when these are not quick; linked peers where neither knows any. */
  async *near(cid: Cid, signal: AbortSignal, asked = new Set<string>()): AsyncGenerator<Provider> {
    const answered = this.#timed();
    const hinted = await this.#hinted(cid);
    if (hinted) {
      answered(hinted.tier);
      yield* hinted.providers;
      if (!(await elapsed(this.#needs.hedgeMs, signal))) return;
    }
    const named = await this.#fromSupers(cid, signal);
    if (named) {
      answered('super');
      for (const { peer } of named.providers) asked.add(peer);
      yield* named.providers;
    }
    if (hinted || named) return;
    for await (const provider of this.#needs.finder.near(cid, signal, asked)) {
      answered('peers');
      yield provider;
    }
  }

  /** What a second super-peer says, peers that the DHT names, then those that were linked meanwhile, or not asked yet. */
  async *farAndNew(cid: Cid, signal: AbortSignal, asked: Set<string>): AsyncGenerator<Provider> {
    // Whoever was named did not deliver: what one super-peer says is not enough now.
    if (!this.#absences.has(cid, Date.now())) yield* this.#ranked(await this.#needs.supers.find(cid, signal, { all: true }));
    const answered = this.#timed();
    for await (const provider of this.#far(cid, signal, { asked })) {
      answered('dht');
      yield provider;
    }
    yield* this.#needs.finder.near(cid, signal, asked);
  }

  /** Who has a blob now, as super-peers say, or linked peers where they know nobody: for a fetch that is under way. */
  async *again(cid: Cid, signal: AbortSignal, known: ReadonlySet<string>): AsyncGenerator<Provider> {
    const named = await this.#needs.supers.find(cid, signal);
    if (named.length > 0) yield* this.#ranked(named);
    else yield* this.#needs.finder.near(cid, signal, new Set(known));
  }

  /** A provider turned out not to have a blob, or not to answer: no cache names it any more, and whoever named it is held to it. */
  async failed(cid: Cid, provider: string, verdict: 'invented' | 'dead'): Promise<void> {
    this.#needs.supers.failed(cid, provider, verdict);
    await this.#withHints((store) => store.drop(cid, provider));
  }

  /** Ends searches under way. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#needs.supers.stop();
    await Promise.allSettled([...this.#flights.values(), ...this.#walks.values()]);
  }

  async *#far(cid: Cid, signal: AbortSignal, how: { readonly asked?: Set<string>; readonly first?: boolean; readonly trace?: LookupTrace | undefined }): AsyncGenerator<Provider> {
    if (this.#absences.has(cid, Date.now())) return how.trace?.skip('dht', justAbsent);
    let found = false;
    for await (const provider of this.#needs.finder.far(cid, signal, how)) {
      found = true;
      yield provider;
    }
    // Who is linked to nobody has not heard that nobody has it.
    if (!this.#told('dht', found) && !signal.aborted && !this.#needs.finder.isAlone) this.#absences.note(cid, Date.now());
  }

  async #hinted(cid: Cid, trace?: LookupTrace): Promise<Known | undefined> {
    const missed: HintStore[] = [];
    for (const { tier, store } of this.#needs.hints) {
      const step = trace?.begin(tier);
      const hints = await store.get(cid, Date.now()).catch(() => []);
      if (this.#told(tier, hints.length > 0, step, hints.length)) {
        for (const quicker of missed) await quicker.put(cid, hints, Date.now());
        await Promise.all(hints.map((hint) => this.#needs.meet(hint)));
        return { tier, providers: this.#ranked(hints) };
      }
      missed.push(store);
    }
    return undefined;
  }

  async #fromSupers(cid: Cid, signal: AbortSignal, trace?: LookupTrace): Promise<Known | undefined> {
    if (this.#absences.has(cid, Date.now())) {
      trace?.skip('super', justAbsent);
      return undefined;
    }
    const found = await orAbort(this.#single(cid, trace), signal, 'The lookup').catch(() => []);
    if (!this.#told('super', found.length > 0)) return undefined;
    return { tier: 'super', providers: this.#ranked(found) };
  }

  /** One walk at a time for one cid, however many look it up: it is nobody's own, so that one who gives up ends it for nobody else. */
  #singleWalk(cid: Cid, trace?: LookupTrace): Promise<Walked> {
    const underWay = this.#walks.get(cid);
    if (underWay) for (const tier of ['peers', 'dht'] as const) trace?.skip(tier, 'a search is under way: its answer is shared');
    if (underWay) return underWay;
    const walk = this.#walk(cid, trace).finally(() => this.#walks.delete(cid));
    this.#walks.set(cid, walk);
    return walk;
  }

  /** Asks linked peers, then the DHT. */
  async #walk(cid: Cid, trace?: LookupTrace): Promise<Walked> {
    const { signal } = this.#stopping;
    const near = await this.#needs.finder.gatherNear(cid, signal, trace);
    if (this.#told('peers', near.length > 0)) return { tier: 'peers', providers: near };
    const far: Provider[] = [];
    for await (const provider of this.#far(cid, signal, { first: true, trace })) far.push(provider);
    return { tier: far.length > 0 ? 'dht' : 'none', providers: far };
  }

  /** One question to super-peers at a time for one cid, however many ask. */
  #single(cid: Cid, trace?: LookupTrace): Promise<readonly NamedProvider[]> {
    const underWay = this.#flights.get(cid);
    if (underWay) trace?.skip('super', 'they are being asked already: their answer is shared');
    if (underWay) return underWay;
    const flight = this.#search(cid, trace).finally(() => this.#flights.delete(cid));
    this.#flights.set(cid, flight);
    return flight;
  }

  async #search(cid: Cid, trace?: LookupTrace): Promise<readonly NamedProvider[]> {
    const keep = async (providers: readonly NamedProvider[]): Promise<void> => {
      const hints = providers.map(({ peer, addresses, zone }): Hint => ({ peer, addresses: [...addresses], ...(zone === undefined ? {} : { zone }) }));
      if (hints.length > 0) await this.#withHints((store) => store.put(cid, hints, Date.now()));
    };
    const found = await this.#needs.supers.find(cid, this.#stopping.signal, { more: (providers) => void keep(providers), trace });
    await keep(found);
    return found;
  }

  async #withHints(work: (store: HintStore) => Promise<void>): Promise<void> {
    for (const { store } of this.#needs.hints) {
      try {
        await work(store);
      } catch (error) {
        this.#needs.log.debug('a hint could not be kept', { error });
      }
    }
  }

  /** The best first: a fetch begins with the first that it hears of. */
  #ranked(named: readonly { readonly peer: string; readonly zone?: string | undefined }[]): Provider[] {
    return named.map((one) => this.#provider(one)).toSorted(better);
  }

  #provider({ peer, zone }: { readonly peer: string; readonly zone?: string | undefined }): Provider {
    return { peer, score: this.#needs.rank(peer), latencyMs: Infinity, isNear: zone !== undefined && zone === this.#needs.zone };
  }

  /** Tells how long the first answer took that it is called for. */
  #timed(): (tier: LookupTier) => void {
    const since = performance.now();
    let isTold = false;
    return (tier) => {
      if (!isTold) this.#needs.answered?.(tier, performance.now() - since);
      isTold = true;
    };
  }

  #told(tier: Exclude<LookupTier, 'none'>, hit: boolean, step?: OpenStep, providers = 1): boolean {
    step?.end({ outcome: hit ? 'found' : 'nobody', providers: hit ? providers : 0 });
    this.#needs.asked(tier, hit);
    return hit;
  }
}
