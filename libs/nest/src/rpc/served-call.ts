import { abortError, SoukError } from '@souk/domain';
import { itemCost } from './wire.ts';

/** How a call is bounded, as its caller said. */
export interface ServedCallOptions {
  readonly subject: string;
  /** Milliseconds until a request is given up; none for streams. */
  readonly deadlineMs?: number;
  /** Bytes of items that the caller can hold; streams only. */
  readonly window?: number;
  /** Milliseconds between signs of life of the caller; streams only. */
  readonly heartbeatMs?: number;
}

const missedHeartbeats = 3;

/** One call that is being served: its signal, its deadline, and what its caller can still take. */
export class ServedCall {
  readonly #controller = new AbortController();
  readonly #subject: string;
  readonly #lifeMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #credit: number;
  #wake: (() => void) | undefined;
  #interrupt: ((error: SoukError) => void) | undefined;

  constructor(options: ServedCallOptions) {
    this.#subject = options.subject;
    this.#credit = options.window ?? 0;
    this.#lifeMs = options.heartbeatMs === undefined ? undefined : options.heartbeatMs * missedHeartbeats;
    if (options.deadlineMs !== undefined) this.#abortAfter(options.deadlineMs, new SoukError('TIMEOUT', `${options.subject} took too long.`));
    this.#expectLife();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Ends the call from outside: whoever waits within `race` or `room` gets the error, the handler sees its signal abort. */
  abort(error: SoukError): void {
    if (this.signal.aborted) return;
    this.#controller.abort(error);
    this.#interrupt?.(error);
  }

  /** The caller took items of so many bytes, or gave a sign of life with 0. */
  grant(bytes: number): void {
    this.#credit += bytes;
    this.#expectLife();
    if (this.#credit > 0) this.#wake?.();
  }

  /** An item of so many bytes was sent. */
  spend(bytes: number): void {
    this.#credit -= itemCost(bytes);
  }

  /** Resolves when the caller can take another item. */
  async room(): Promise<void> {
    if (this.#credit > 0 && !this.signal.aborted) return;
    await this.race(
      new Promise<void>((resolve) => {
        this.#wake = resolve;
      }),
    );
  }

  /**
   * Waits for work, or until the call is aborted; work that ignores the signal is left behind. One wait at a time: an endless
   * stream must not pile up listeners on one promise, as `Promise.race` would.
   */
  race<T>(work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      work.then(resolve, reject);
      if (this.signal.aborted) reject(abortError(this.signal, this.#subject));
      else this.#interrupt = reject;
    });
  }

  /** Stops the clocks; to be called when the call has been answered. */
  close(): void {
    clearTimeout(this.#timer);
    this.#interrupt = undefined;
    this.#wake = undefined;
  }

  #expectLife(): void {
    if (this.#lifeMs !== undefined) this.#abortAfter(this.#lifeMs, new SoukError('CANCELLED', `The caller of ${this.#subject} has vanished.`));
  }

  #abortAfter(milliseconds: number, error: SoukError): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.abort(error), milliseconds).unref();
  }
}
