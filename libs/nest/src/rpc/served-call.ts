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

const missedHeartbeats = 2;

/** One call that is being served: its signal, its deadline, and what its caller can still take. */
export class ServedCall {
  readonly #controller = new AbortController();
  readonly #subject: string;
  readonly #heartbeatMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #credit: number;
  #wake: (() => void) | undefined;
  #interrupt: ((error: SoukError) => void) | undefined;

  constructor(options: ServedCallOptions) {
    this.#subject = options.subject;
    this.#credit = options.window ?? 0;
    this.#heartbeatMs = options.heartbeatMs;
    const { deadlineMs } = options;
    if (deadlineMs !== undefined) this.#after(deadlineMs, () => this.abort(new SoukError('TIMEOUT', `${options.subject} took too long.`)));
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

  /** After two silent heartbeats it waits for one more, so that a stalled event loop can first deliver the signs that have come. */
  #expectLife(): void {
    const heartbeatMs = this.#heartbeatMs;
    if (heartbeatMs === undefined) return;
    const vanished = (): void => this.abort(new SoukError('CANCELLED', `The caller of ${this.#subject} has vanished.`));
    this.#after(heartbeatMs * missedHeartbeats, () => this.#after(heartbeatMs, vanished));
  }

  #after(milliseconds: number, act: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, milliseconds).unref();
  }
}
