import { setTimeout as pause } from 'node:timers/promises';
import type { Site } from '../../scenario/site.ts';
import { until } from '../../scenario/until.ts';
import type { Publisher } from './publisher.ts';

/** After how long somebody tries again whom the site did not answer. */
const againMs = 50;

/** People who publish without end, and try again when they get no answer. */
export class SteadyLoad {
  readonly #publishers: readonly Publisher[];
  readonly #done: Promise<unknown>;
  #isOver = false;
  /** Publishes that got no answer, or were told that a part of the site is gone. */
  unanswered = 0;

  /** Begins at once. */
  constructor(site: Site, publishers: readonly Publisher[]) {
    this.#publishers = publishers;
    this.#done = Promise.all(publishers.map((one) => this.#publish(site, one)));
    // Told by whoever ends the load.
    this.#done.catch(() => undefined);
  }

  /** Waits until so many more releases are acknowledged. */
  async goesOn(releases: number): Promise<void> {
    const before = this.#acknowledged;
    await this.#until(`${releases} more acknowledged releases`, () => this.#acknowledged >= before + releases);
  }

  /** Waits until somebody gets no answer. */
  async falters(): Promise<void> {
    const before = this.unanswered;
    await this.#until('a publish without an answer', () => this.unanswered > before);
  }

  /** Ends it. Throws when somebody was refused. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#done;
  }

  get #acknowledged(): number {
    return this.#publishers.reduce((sum, one) => sum + one.acknowledged.length, 0);
  }

  #until(what: string, isSo: () => boolean): Promise<boolean> {
    return Promise.race([until({ what, read: () => Promise.resolve(isSo()), isDone: (so) => so, deadlineMs: 120_000 }), this.#done.then(() => true)]);
  }

  async #publish(site: Site, publisher: Publisher): Promise<void> {
    while (!this.#isOver) {
      if (await publisher.publish(site)) continue;
      this.unanswered += 1;
      await pause(againMs);
    }
  }
}
