import type { FrameRecord, QueryFrame } from '@souk/contracts';
import { abortError, isSoukError, SoukError, type RecordVerifier, type SuperVerdict } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import type { LookupLimits } from '../lookup/lookup-limits.ts';
import type { PeerLog } from '../node/peer-log.ts';
import { askSuper, type SuperAnswer } from './ask-super.ts';
import type { Question } from './query-server.ts';

/** Super-peers that one question goes to at most. */
const maxAsked = 2;

/** What becomes of an answer whose records are sound: it will do; it lacks something that another super-peer may know; it says what its records do not prove. */
export type Judgement = 'enough' | 'thin' | 'invented';

/** How to ask. */
export interface AskOptions {
  readonly signal?: AbortSignal;
  /** Looks at what an answer says; `enough` for every one unless given. */
  judge?(answer: SuperAnswer): Promise<Judgement>;
}

/** What asking needs. */
export interface QueriesNeeds {
  readonly limits: LookupLimits;
  readonly log: PeerLog;
  readonly verifier: RecordVerifier;
  /** The super-peers that are linked. */
  supers(): readonly string[];
  /** Resolves when a super-peer can be asked, or none can. */
  firstSuper(signal: AbortSignal): Promise<void>;
  open(peer: string, signal: AbortSignal): Promise<Channel<QueryFrame>>;
  judged(superPeer: string, verdict: SuperVerdict): void;
  /** Hears of a record that a super-peer should not have sent. */
  blame(superPeer: string, culprit: FrameRecord): void;
}

/** What says that a super-peer does not keep to the protocol, or sends what nobody signed. */
const badCodes = new Set(['BAD_FRAME', 'BAD_RECORD', 'BAD_SIGNATURE']);

/** Asks super-peers what this peer does not hold: one of them, and a second one when the first does not answer, lacks something or can't prove what it says. */
export class Queries {
  readonly #needs: QueriesNeeds;
  readonly #stopping = new AbortController();

  constructor(needs: QueriesNeeds) {
    this.#needs = needs;
  }

  /** The first answer that will do, else the first of those that lack something. Throws UNAVAILABLE when no super-peer gives one that can be believed, CANCELLED. */
  async ask(question: Question, { signal, judge }: AskOptions = {}): Promise<SuperAnswer> {
    const own = signal ? AbortSignal.any([signal, this.#stopping.signal]) : this.#stopping.signal;
    const { limits, supers, firstSuper } = this.#needs;
    // Right after the start a link is waited for.
    if (supers().length === 0) await firstSuper(AbortSignal.any([own, AbortSignal.timeout(limits.answerMs)])).catch(() => undefined);
    let thin: SuperAnswer | undefined;
    for (const superPeer of supers().slice(0, maxAsked)) {
      if (own.aborted) throw abortError(own, 'Asking a super-peer');
      const answer = await this.#askOne(superPeer, question, own);
      const judgement = answer && ((await judge?.(answer)) ?? 'enough');
      if (answer && judgement) this.#needs.judged(superPeer, judgement === 'invented' ? 'invented' : 'ok');
      if (judgement === 'invented') this.#needs.log.warn('a super-peer says what its records do not prove', { peer: superPeer, question: question.t });
      if (judgement === 'enough') {
        if (thin) this.#needs.judged(thin.superPeer, 'omitted');
        return answer as SuperAnswer;
      }
      if (judgement === 'thin') thin ??= answer;
    }
    if (thin) return thin;
    throw new SoukError('UNAVAILABLE', 'No super-peer answers what this peer does not hold.', { hint: 'Try again in a moment; souk network shows the super-peers that are linked.' });
  }

  /** Ends what is under way. */
  stop(): void {
    this.#stopping.abort();
  }

  async #askOne(superPeer: string, question: Question, signal: AbortSignal): Promise<SuperAnswer | undefined> {
    const { limits, verifier, open, blame, judged, log } = this.#needs;
    const own = AbortSignal.any([signal, AbortSignal.timeout(limits.answerMs)]);
    let channel: Channel<QueryFrame> | undefined;
    try {
      channel = await open(superPeer, own);
      const answer = await askSuper(channel, question, { superPeer, maxBytes: limits.queryBytes, verifier, onUnsound: (culprit) => blame(superPeer, culprit) }, { timeoutMs: limits.answerMs, signal: own });
      void channel.close();
      return answer;
    } catch (error) {
      channel?.abort(error instanceof Error ? error : new Error(String(error)));
      if (signal.aborted) throw abortError(signal, 'Asking a super-peer');
      const isBad = isSoukError(error) && badCodes.has(error.code);
      judged(superPeer, isBad ? 'bad-answer' : 'silent');
      log[isBad ? 'warn' : 'debug']('a super-peer gave no answer that can be believed', { peer: superPeer, question: question.t, error });
      return undefined;
    }
  }
}
