import type { FactoryProvider } from '@nestjs/common';
import type { RequestContract, StreamContract } from '@souk/contracts';
import { isSoukError } from '@souk/domain';
import type { z } from 'zod';
import { Rpc, type CallOptions } from './rpc.ts';

/** How one reading differs from what its contract says; which peer is asked is not for the caller to say. */
export type ReadOptions = Omit<CallOptions, 'ordinal'>;

/** Clocks of reading. */
export interface PeerReadsOptions {
  /** How long a peer that did not answer is asked last, in milliseconds; 3,000 unless given. */
  readonly memoryMs?: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number;
}

/** What says that a peer did not answer; another one may. */
const silent = new Set(['UNAVAILABLE', 'TIMEOUT']);

/**
 * Reads from whichever of the site's peers answers: the primary while it does, else the next by ordinal. All of them have one order of arrival,
 * so a cursor of one is a cursor of every other. One that failed is asked last for a short while, so that it costs one wait and not many.
 */
export class PeerReads {
  readonly #rpc: Rpc;
  readonly #peers: number;
  readonly #memoryMs: number;
  readonly #now: () => number;
  /** Until when a peer is asked last. */
  readonly #avoided = new Map<number, number>();

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
  }

  /** `Rpc.call` at a peer that answers. Throws what the first peer that answers throws; UNAVAILABLE or TIMEOUT when none does. */
  call<I extends z.ZodType, O extends z.ZodType>(contract: RequestContract<I, O>, input: z.input<I>, options: ReadOptions = {}): Promise<z.output<O>> {
    return this.fromAny((ordinal) => this.#rpc.call(contract, input, { ...options, ordinal }), options.signal);
  }

  /** `Rpc.stream` at a peer that answers; another one is asked only as long as no item came. */
  async *stream<I extends z.ZodType, O extends z.ZodType>(contract: StreamContract<I, O>, input: z.input<I>, options: ReadOptions = {}): AsyncGenerator<z.output<O>, void, undefined> {
    const { items, first } = await this.fromAny(async (ordinal) => {
      const begun = this.#rpc.stream(contract, input, { ...options, ordinal });
      return { items: begun, first: await begun.next() };
    }, options.signal);
    try {
      if (first.done) return;
      yield first.value;
      yield* items;
    } finally {
      await items.return(undefined);
    }
  }

  /** Asks one peer after the other, until one answers, whatever it answers. */
  async fromAny<T>(ask: (ordinal: number) => Promise<T>, signal?: AbortSignal): Promise<T> {
    let failure: unknown;
    for (const ordinal of this.#order()) {
      try {
        const answer = await ask(ordinal);
        this.#avoided.delete(ordinal);
        return answer;
      } catch (error) {
        if (!isSoukError(error) || !silent.has(error.code) || signal?.aborted) throw error;
        this.#avoided.set(ordinal, this.#now() + this.#memoryMs);
        failure ??= error;
      }
    }
    throw failure;
  }

  /** Ordinals in the order in which they are asked. */
  #order(): number[] {
    const now = this.#now();
    const isAvoided = (ordinal: number): number => Number((this.#avoided.get(ordinal) ?? now) > now);
    return Array.from({ length: this.#peers }, (_, ordinal) => ordinal).sort((a, b) => isAvoided(a) - isAvoided(b) || a - b);
  }
}
