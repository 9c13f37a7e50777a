import { setTimeout as delay } from 'node:timers/promises';
import type { FactoryProvider } from '@nestjs/common';
import type { RequestContract, StreamContract } from '@souk/contracts';
import { isSoukError } from '@souk/domain';
import type { z } from 'zod';
import { AnswerTimes } from './answer-times.ts';
import { firstAnswer, type Ask } from './first-answer.ts';
import { Rpc, type CallOptions } from './rpc.ts';

/** How one reading differs from what its contract says; which peer is asked is not for the caller to say. */
export interface ReadOptions extends Omit<CallOptions, 'ordinal'> {
  /** Asks the next peer only when the one before has failed: for what must be as new as can be, not as soon. */
  readonly isPatient?: boolean;
}

/** Clocks of reading. */
export interface PeerReadsOptions {
  /** After how long a peer that did not answer is asked again beside one that does, in milliseconds; 3,000 unless given. */
  readonly memoryMs?: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number;
  /** Resolves after so many milliseconds; rejects when the signal aborts. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** What says that a peer did not answer; another one may. */
const silent = new Set(['UNAVAILABLE', 'TIMEOUT']);
const isSilence = (error: unknown): boolean => isSoukError(error) && silent.has(error.code);

/** Why a peer is asked last, and until when nobody asks again whether it answers. */
interface Avoided {
  readonly why: 'silent' | 'overtaken';
  readonly until: number;
}

/**
 * Reads from whichever of the site's peers answers: the primary while it does, else the next by ordinal. All of them have one order of arrival,
 * so a cursor of one is a cursor of every other. A peer that takes much longer than answers have taken is not waited for: the next one is asked
 * too, and the first answer counts. One that was silent or overtaken is asked last; now and then a question goes to it as well, whose answer nobody
 * waits for, and when it answers it is asked as before. So a peer that hangs costs its readers one short wait and not one each.
 */
export class PeerReads {
  readonly #rpc: Rpc;
  readonly #peers: number;
  readonly #memoryMs: number;
  readonly #now: () => number;
  readonly #pause: NonNullable<PeerReadsOptions['pause']>;
  readonly #times = new AnswerTimes();
  readonly #avoided = new Map<number, Avoided>();

  /** Makes it injectable in a service of a site with so many peers. */
  static provider(peers: number): FactoryProvider<PeerReads> {
    return { provide: PeerReads, inject: [Rpc], useFactory: (rpc: Rpc) => new PeerReads(rpc, peers) };
  }

  /** `peers`: how many the site has. */
  constructor(rpc: Rpc, peers: number, options: PeerReadsOptions = {}) {
    this.#rpc = rpc;
    this.#peers = peers;
    this.#memoryMs = options.memoryMs ?? 3_000;
    this.#now = options.now ?? (() => performance.now());
    this.#pause = options.pause ?? ((ms, signal) => delay(ms, undefined, { signal, ref: false }));
  }

  /** `Rpc.call` at a peer that answers. Throws what the first peer that answers throws; UNAVAILABLE or TIMEOUT when none does. */
  call<I extends z.ZodType, O extends z.ZodType>(contract: RequestContract<I, O>, input: z.input<I>, { isPatient, ...options }: ReadOptions = {}): Promise<z.output<O>> {
    for (const ordinal of this.#due()) void this.#probe(ordinal, () => this.#rpc.call(contract, input, { ...options, ordinal }));
    return this.fromAny((ordinal, signal) => this.#rpc.call(contract, input, { ...options, signal, ordinal }), { signal: options.signal, isPatient });
  }

  /** `Rpc.stream` at a peer that answers; another one is asked only as long as no item came. */
  async *stream<I extends z.ZodType, O extends z.ZodType>(contract: StreamContract<I, O>, input: z.input<I>, { isPatient: _, ...options }: ReadOptions = {}): AsyncGenerator<z.output<O>, void, undefined> {
    const ask = async (ordinal: number): Promise<{ items: AsyncGenerator<z.output<O>, void, undefined>; first: IteratorResult<z.output<O>, void> }> => {
      const begun = this.#rpc.stream(contract, input, { ...options, ordinal });
      return { items: begun, first: await begun.next() };
    };
    // Two streams of one wish would be twice the work, and a first item may take its time.
    const { items, first } = await this.fromAny(ask, { signal: options.signal, isPatient: true });
    try {
      if (first.done) return;
      yield first.value;
      yield* items;
    } finally {
      await items.return(undefined);
    }
  }

  /**
   * Asks one peer after the other, until one answers, whatever it answers; one that takes too long is overtaken, and its signal aborts. Of two
   * that are asked a refusal counts only from the one that was asked first.
   */
  async fromAny<T>(ask: Ask<T>, { signal, isPatient = false }: Pick<ReadOptions, 'signal' | 'isPatient'> = {}): Promise<T> {
    const start = performance.now();
    const { ordinal, answer } = await firstAnswer(ask, {
      ordinals: this.#order(isPatient),
      isSilence,
      onSilence: (one) => this.#avoid(one, 'silent'),
      onOvertaken: (one) => this.#avoid(one, 'overtaken'),
      ...(isPatient || this.#peers === 1 ? {} : { late: (over: AbortSignal) => this.#pause(this.#times.lateMs, over) }),
      ...(signal ? { signal } : {}),
    });
    this.#times.note(performance.now() - start);
    this.#avoided.delete(ordinal);
    return answer;
  }

  /** Ordinals in the order in which they are asked. */
  #order(isPatient: boolean): number[] {
    const isLast = (ordinal: number): boolean => this.#avoided.get(ordinal)?.why === 'silent' || (!isPatient && this.#avoided.has(ordinal));
    return Array.from({ length: this.#peers }, (_, ordinal) => ordinal).sort((a, b) => Number(isLast(a)) - Number(isLast(b)) || a - b);
  }

  #avoid(ordinal: number, why: Avoided['why']): void {
    if (this.#peers > 1) this.#avoided.set(ordinal, { why, until: this.#now() + this.#memoryMs });
  }

  /** Peers of which it is time to find out whether they answer again. */
  #due(): number[] {
    const now = this.#now();
    return [...this.#avoided].filter(([, { until }]) => until <= now).map(([ordinal]) => ordinal);
  }

  /** A question whose answer nobody waits for. */
  async #probe(ordinal: number, ask: () => Promise<unknown>): Promise<void> {
    this.#avoid(ordinal, this.#avoided.get(ordinal)?.why ?? 'silent');
    try {
      await ask();
      this.#avoided.delete(ordinal);
    } catch (error) {
      if (isSilence(error)) this.#avoid(ordinal, 'silent');
      else this.#avoided.delete(ordinal);
    }
  }
}
