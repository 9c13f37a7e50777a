import { setTimeout as delay } from 'node:timers/promises';
import { Bell } from '../node/bell.ts';

/** How to dial many. */
export interface DialSomeOptions {
  /** How many have to answer. */
  readonly wanted: number;
  /** Dials at once. */
  readonly parallel: number;
  /** How long those that are being dialled are waited for before one more is, in milliseconds. */
  readonly staggerMs: number;
  /** Each dial begins up to so much later, so that many peers that lost one link at a moment do not dial at a moment. Milliseconds. */
  readonly jitterMs: number;
  /** A number in [0, 1). */
  random(): number;
  /** Dials an address; whether it counts among the wanted. The signal ends it when there are enough. Never throws. */
  dial(address: string, signal: AbortSignal): Promise<boolean>;
}

/**
 * Dials addresses, the first ones first, until as many answered as are wanted or all were tried. One that is dead holds up no other: as soon as
 * it fails, or is waited for too long, the next is dialled beside it. Answers how many answered; what is still being dialled then is ended.
 */
export async function dialSome(addresses: readonly string[], options: DialSomeOptions, stopping: AbortSignal): Promise<number> {
  const { wanted, parallel, staggerMs, jitterMs, random, dial } = options;
  const ending = new AbortController();
  const signal = AbortSignal.any([stopping, ending.signal]);
  const bell = new Bell();
  const left = [...addresses];
  let [running, reached] = [0, 0];
  const begin = (address: string): void => {
    running += 1;
    void delay(random() * jitterMs, undefined, { signal })
      .then(() => dial(address, signal))
      .then((isReached) => (reached += isReached ? 1 : 0))
      .catch(() => undefined)
      .finally(() => {
        running -= 1;
        bell.ring();
      });
  };
  let mayWait = performance.now() + staggerMs;
  while (!signal.aborted && reached < wanted && (left.length > 0 || running > 0)) {
    const isLate = performance.now() >= mayWait;
    if (left.length > 0 && running < parallel && (running < wanted - reached || isLate)) {
      begin(left.shift() as string);
      mayWait = performance.now() + staggerMs;
    } else await bell.wait(left.length > 0 && running < parallel ? Math.max(1, mayWait - performance.now()) : undefined);
  }
  ending.abort();
  return reached;
}
