import type { BlobFrame, LookupFrame } from '@souk/contracts';
import { enoughProviders, isAudited, isSoukError, nextLookupStep, type Cid, type LookupTrace, type SuperVerdict } from '@souk/domain';
import { askWhetherHeld } from '../blob/blob-client.ts';
import type { Channel } from '../frame/channel.ts';
import { Bell } from '../node/bell.ts';
import type { PeerLog } from '../node/peer-log.ts';
import { underDeadline } from '../node/waiting.ts';
import { findThere, type NamedProvider } from './lookup-client.ts';
import type { LookupLimits } from './lookup-limits.ts';

/** What asking super-peers needs. */
export interface SuperFinderNeeds {
  readonly self: string;
  readonly limits: LookupLimits;
  readonly log: PeerLog;
  supers(): readonly string[];
  /** Resolves when a super-peer can be asked, or none can. */
  firstSuper(signal: AbortSignal): Promise<void>;
  exchange<T>(superPeer: string, work: (channel: Channel<LookupFrame>) => Promise<T>, signal: AbortSignal): Promise<T>;
  openBlob(peer: string, signal: AbortSignal): Promise<Channel<BlobFrame>>;
  /** Lets a provider be dialled at the addresses that its lease names. */
  meet(provider: NamedProvider): Promise<void>;
  /** An answer turned out like this; `tookMs` how long a good one took. */
  judged(superPeer: string, verdict: SuperVerdict, tookMs?: number): void;
  /** An answer is checked with another super-peer. */
  audited(superPeer: string): void;
  /** A number in [0, 1). */
  random(): number;
}

type Answers = Map<string, readonly NamedProvider[]>;

/** How to ask. */
export interface FindOptions {
  readonly all?: boolean;
  /** Hears of all providers when others were found after the answer. */
  more?(providers: readonly NamedProvider[]): void;
  /** What is asked is written down here. */
  readonly trace?: LookupTrace | undefined;
}

interface Asking {
  readonly signal: AbortSignal;
  readonly trace?: LookupTrace | undefined;
  /** Asked because another one is late. */
  readonly hedged?: boolean;
}

interface Gathering extends Asking {
  readonly all: boolean;
  answered(): void;
}

/** What a failure is called in a trace. */
export function reasonOf(error: unknown): string {
  return isSoukError(error) ? error.code : 'INTERNAL';
}

/** Providers that any of the answers names, each once. */
function foundIn(answers: Answers): NamedProvider[] {
  return [...new Map([...answers.values()].flat().map((one) => [one.peer, one])).values()];
}

/** Remembers which super-peer named which provider of a cid. */
const maxNamed = 1000;

/** Finds providers by asking one super-peer; a second one when the first is slow, or knows fewer than two: it is waited for only when the first knows nobody. */
export class SuperFinder {
  readonly #needs: SuperFinderNeeds;
  readonly #namedBy = new Map<string, string>();
  readonly #stopping = new AbortController();

  constructor(needs: SuperFinderNeeds) {
    this.#needs = needs;
  }

  /**
   * Providers of a cid, this peer left out. Nobody, when no super-peer answers in time. Ends early when the signal aborts. One provider is enough to
   * answer: the second super-peer is asked behind it, and `more` hears of all if that adds any. `all`: two super-peers are waited for whatever the first says.
   */
  async find(cid: Cid, signal: AbortSignal, { all = false, more, trace }: FindOptions = {}): Promise<readonly NamedProvider[]> {
    await this.#untilLinked(signal);
    const { promise: first, resolve } = Promise.withResolvers<void>();
    const answers: Answers = new Map();
    const whole = this.#gather(cid, answers, { signal, all, trace, answered: () => (!all && foundIn(answers).length > 0 ? resolve() : undefined) });
    await Promise.race([first, whole]);
    const providers = foundIn(answers);
    await Promise.all(providers.map((one) => this.#needs.meet(one)));
    void whole.then(() => {
      const found = foundIn(answers);
      if (found.length > providers.length) more?.(found);
    });
    return providers;
  }

  /** A lookup right after the start is one that waits for a link, not one that finds nobody. */
  async #untilLinked(signal: AbortSignal): Promise<void> {
    const { supers, firstSuper, limits } = this.#needs;
    if (supers().length > 0) return;
    await firstSuper(AbortSignal.any([signal, AbortSignal.timeout(limits.answerMs)])).catch(() => undefined);
  }

  async #gather(cid: Cid, answers: Answers, { signal, all, trace, answered }: Gathering): Promise<void> {
    const left = [...this.#needs.supers()];
    if (left.length === 0) trace?.skip('super', 'no super-peer is linked');
    const bell = new Bell();
    const found = (): number => foundIn(answers).length;
    let [asked, pending] = [0, 0];
    let late = performance.now() + this.#needs.limits.hedgeMs;
    const next = (): string => nextLookupStep({ found: all ? 0 : found(), supersLeft: left.length, supersAsked: asked, peersAsked: true, dhtAsked: true });
    const ask = (): void => {
      const superPeer = left.shift() as string;
      asked += 1;
      pending += 1;
      void this.#ask(superPeer, cid, answers, { signal, trace, hedged: pending > 1 }).finally(() => {
        pending -= 1;
        answered();
        bell.ring();
      });
    };
    while (!signal.aborted && (all || found() < enoughProviders)) {
      const isLate = performance.now() >= late;
      if (next() === 'super' && (pending === 0 || isLate)) {
        ask();
        late = isLate ? Infinity : late;
      } else if (pending === 0) break;
      else await bell.wait(isLate || late === Infinity || left.length === 0 ? undefined : Math.max(1, late - performance.now()));
    }
    this.#compare(answers);
    void this.#audit(cid, answers, left);
  }

  /** A provider that a super-peer named turned out not to have the blob, or could not be reached: whoever named it is held to it. */
  failed(cid: Cid, provider: string, verdict: 'invented' | 'dead'): void {
    const superPeer = this.#namedBy.get(`${cid} ${provider}`);
    if (superPeer !== undefined) this.#needs.judged(superPeer, verdict);
  }

  /** Ends audits. */
  stop(): void {
    this.#stopping.abort();
  }

  async #ask(superPeer: string, cid: Cid, answers: Answers, { signal, trace, hedged = false }: Asking): Promise<void> {
    const { limits, judged, self, log } = this.#needs;
    const step = trace?.begin('super', { peer: superPeer, hedged });
    const since = performance.now();
    try {
      const question = { timeoutMs: limits.answerMs, signal };
      const all = await underDeadline(question, (within) => this.#needs.exchange(superPeer, (channel) => findThere(channel, [cid], question, step?.drop), within));
      const named = all.get(cid) ?? [];
      const providers = named.filter((one) => one.peer !== self);
      if (providers.length < named.length) step?.drop(self, 'this peer itself');
      step?.end({ outcome: providers.length > 0 ? 'found' : 'nobody', providers: providers.length });
      answers.set(superPeer, providers);
      for (const { peer } of providers) this.#note(cid, peer, superPeer);
      judged(superPeer, 'ok', performance.now() - since);
    } catch (error) {
      step?.end({ outcome: 'failed', why: reasonOf(error) });
      if (signal.aborted) return;
      const bad = isSoukError(error) && ['BAD_FRAME', 'BAD_STATEMENT', 'BAD_SIGNATURE', 'UPGRADE_NEEDED'].includes(error.code);
      judged(superPeer, bad ? 'bad-answer' : 'silent');
      log.debug('a super-peer gave no answer', { peer: superPeer, error });
    }
  }

  /** Where two answered, the one that knew nobody that the other knew has left something out. */
  #compare(answers: Answers): void {
    const all = new Set([...answers.values()].flat().map((one) => one.peer));
    for (const [superPeer, providers] of answers) if (providers.length === 0 && all.size > 0) this.#needs.judged(superPeer, 'omitted');
  }

  /** Now and then another super-peer is asked the same; providers that it does not know are asked whether they have the blob. */
  async #audit(cid: Cid, answers: Answers, others: readonly string[]): Promise<void> {
    const { limits, random, judged, audited, openBlob } = this.#needs;
    const [[superPeer, named] = ['', []]] = answers;
    const [auditor] = others;
    if (answers.size !== 1 || named.length === 0 || auditor === undefined || !isAudited(random(), limits.auditShare)) return;
    const { signal } = this.#stopping;
    const second: Answers = new Map();
    audited(superPeer);
    await this.#ask(auditor, cid, second, { signal });
    const known = second.get(auditor);
    const doubtful = known ? named.filter(({ peer }) => !known.some((one) => one.peer === peer)).slice(0, 2) : [];
    for (const { peer } of doubtful) {
      try {
        const channel = await openBlob(peer, signal);
        const held = await askWhetherHeld(channel, [cid], { timeoutMs: limits.answerMs, signal });
        void channel.close();
        judged(held.length > 0 ? auditor : superPeer, held.length > 0 ? 'omitted' : 'invented');
      } catch {
        if (!signal.aborted) judged(superPeer, 'dead');
      }
    }
  }

  #note(cid: Cid, provider: string, superPeer: string): void {
    const oldest = this.#namedBy.keys().next().value;
    if (this.#namedBy.size >= maxNamed && oldest !== undefined) this.#namedBy.delete(oldest);
    this.#namedBy.set(`${cid} ${provider}`, superPeer);
  }
}
