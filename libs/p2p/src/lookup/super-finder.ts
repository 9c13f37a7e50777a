import type { BlobFrame, LookupFrame } from '@souk/contracts';
import { enoughProviders, isAudited, isSoukError, nextLookupStep, type Cid } from '@souk/domain';
import { askWhetherHeld } from '../blob/blob-client.ts';
import type { Channel } from '../frame/channel.ts';
import { Bell } from '../node/bell.ts';
import type { PeerLog } from '../node/peer-log.ts';
import { findThere, type NamedProvider } from './lookup-client.ts';
import type { LookupLimits } from './lookup-limits.ts';

/**
 * How a super-peer's answer turned out: `ok`; `silent`: none in time; `bad-answer`: frames or leases that are not what they should be;
 * `omitted`: another super-peer knew more; `invented`: a provider that it named does not have the blob; `dead`: one could not be reached;
 * `frozen`: what it signs to be there lacks what has long been, or is old.
 */
export type SuperVerdict = 'ok' | 'silent' | 'bad-answer' | 'omitted' | 'invented' | 'dead' | 'frozen';

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
  judged(superPeer: string, verdict: SuperVerdict): void;
  /** A number in [0, 1). */
  random(): number;
}

type Answers = Map<string, readonly NamedProvider[]>;

/** How to ask. */
export interface FindOptions {
  readonly all?: boolean;
  /** Hears of all providers when others were found after the answer. */
  more?(providers: readonly NamedProvider[]): void;
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
  async find(cid: Cid, signal: AbortSignal, { all = false, more }: FindOptions = {}): Promise<readonly NamedProvider[]> {
    await this.#untilLinked(signal);
    const { promise: first, resolve } = Promise.withResolvers<void>();
    const answers: Answers = new Map();
    const whole = this.#gather(cid, answers, { signal, all, answered: () => (!all && foundIn(answers).length > 0 ? resolve() : undefined) });
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

  async #gather(cid: Cid, answers: Answers, { signal, all, answered }: { readonly signal: AbortSignal; readonly all: boolean; answered(): void }): Promise<void> {
    const left = [...this.#needs.supers()];
    const bell = new Bell();
    const found = (): number => foundIn(answers).length;
    let [asked, pending] = [0, 0];
    let late = performance.now() + this.#needs.limits.hedgeMs;
    const next = (): string => nextLookupStep({ found: all ? 0 : found(), supersLeft: left.length, supersAsked: asked, peersAsked: true, dhtAsked: true });
    const ask = (): void => {
      const superPeer = left.shift() as string;
      asked += 1;
      pending += 1;
      void this.#ask(superPeer, cid, answers, signal).finally(() => {
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

  async #ask(superPeer: string, cid: Cid, answers: Answers, signal: AbortSignal): Promise<void> {
    const { limits, judged, self, log } = this.#needs;
    try {
      const all = await this.#needs.exchange(superPeer, (channel) => findThere(channel, [cid], { timeoutMs: limits.answerMs, signal }), AbortSignal.any([signal, AbortSignal.timeout(limits.answerMs)]));
      const providers = (all.get(cid) ?? []).filter((one) => one.peer !== self);
      answers.set(superPeer, providers);
      for (const { peer } of providers) this.#note(cid, peer, superPeer);
      judged(superPeer, 'ok');
    } catch (error) {
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
    const { limits, random, judged, openBlob } = this.#needs;
    const [[superPeer, named] = ['', []]] = answers;
    const [auditor] = others;
    if (answers.size !== 1 || named.length === 0 || auditor === undefined || !isAudited(random(), limits.auditShare)) return;
    const { signal } = this.#stopping;
    const second: Answers = new Map();
    await this.#ask(auditor, cid, second, signal);
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
