import type { OnApplicationShutdown } from '@nestjs/common';
import { isSoukError } from '@souk/domain';
import { setTimeout as pause } from 'node:timers/promises';
import type { Condition } from '../health/readiness.ts';
import type { Log } from '../log/log.ts';

/** How a follower reads. */
export interface FollowerOptions {
  /** What is followed, for the log. */
  readonly name: string;
  /** Met while the follower has read everything that there was. */
  readonly condition: Condition;
  readonly log: Log;
  /** Reads on after `cursor` and says where to go on. A failure is tried again with growing pauses; the condition is unmet meanwhile. */
  readonly step: (cursor: number, signal: AbortSignal) => Promise<{ readonly next: number; readonly caughtUp: boolean }>;
  /** Milliseconds after which it reads on although nobody said that there is news: events may be lost. */
  readonly idleMs?: number;
  /** Longest pause after a failure, in milliseconds; 5,000 unless given. */
  readonly longestPauseMs?: number;
}

const firstPauseMs = 50;
const defaultLongestPauseMs = 5_000;

/** Keeps a projection level with a log: reads from a cursor until caught up, again when poked, again after a while. One read at a time. */
export class Follower implements OnApplicationShutdown {
  readonly #options: FollowerOptions;
  readonly #stop = new AbortController();
  #cursor = 0;
  #poked = false;
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /** Where it has read to. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Begins to read. */
  start(): void {
    this.#timer = setInterval(() => this.poke(), this.#options.idleMs ?? 5_000);
    this.#timer.unref();
    this.poke();
  }

  /** There is news. Never waits. */
  poke(): void {
    if (this.#stop.signal.aborted) return;
    this.#poked = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#poked) this.poke();
    });
  }

  async #run(): Promise<void> {
    try {
      while (this.#poked) {
        this.#poked = false;
        await this.#catchUp();
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#options.log.error('follower stopped', { follows: this.#options.name, error });
    }
  }

  async #catchUp(): Promise<void> {
    const { signal } = this.#stop;
    for (let caughtUp = false; !caughtUp; ) {
      const read = await this.#read(signal);
      this.#cursor = read.next;
      caughtUp = read.caughtUp;
    }
    this.#options.condition.met();
  }

  /** One step, again and again until it succeeds. A service that is not there yet is no news; anything else is logged once. */
  async #read(signal: AbortSignal): Promise<{ readonly next: number; readonly caughtUp: boolean }> {
    let logged = false;
    for (let waitMs = firstPauseMs; ; waitMs = Math.min(waitMs * 2, this.#options.longestPauseMs ?? defaultLongestPauseMs)) {
      try {
        return await this.#options.step(this.#cursor, signal);
      } catch (error) {
        signal.throwIfAborted();
        this.#options.condition.unmet(isSoukError(error) ? error.message : 'it failed');
        const expected = isSoukError(error) && error.entry.retry;
        if (!expected && !logged) this.#options.log.error('A follower failed; it tries again', { follows: this.#options.name, error });
        logged ||= !expected;
        await pause(waitMs, undefined, { signal });
      }
    }
  }

  /** Stops reading and waits for the read under way. */
  async onApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    clearInterval(this.#timer);
    await this.#running;
  }
}
