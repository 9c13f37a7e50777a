import type { VerifiedRecord } from '@souk/domain';
import type { Log } from '@souk/nest';
import type { KeptChanges } from './kept-changes.ts';

/** How often it looks whether readers have left something behind, in milliseconds. */
const idleMs = 30_000;

/** How often it begins again when a reader took a step at the same time. */
const maxTries = 10;

/** What a keeper needs. */
export interface SummaryKeeperOptions {
  readonly log: Log;
  /** Whether other work goes first now. */
  readonly isBusy: () => boolean;
  /** Milliseconds between two looks; 30,000 unless given. */
  readonly everyMs?: number;
}

/** Keeps the summaries up to now where no reader does: at a replica, and after what the site decided. */
export class SummaryKeeper {
  readonly #changes: Pick<KeptChanges, 'catchUp' | 'level'>;
  readonly #options: SummaryKeeperOptions;
  readonly #stop = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | undefined;

  constructor(changes: Pick<KeptChanges, 'catchUp' | 'level'>, options: SummaryKeeperOptions) {
    this.#changes = changes;
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), options.everyMs ?? idleMs);
    this.#timer.unref();
  }

  /** Hears what the site decided. What is taken down must not stay in a summary until somebody reads it: it is out of them when this resolves. */
  async decided(added: readonly VerifiedRecord[]): Promise<void> {
    if (!added.some((one) => one.fields.kind === 'takedown')) return;
    try {
      for (let tries = 0; tries < maxTries && !(await this.#changes.level()); tries += 1);
    } catch (error) {
      this.#notKept(error);
    }
  }

  /** Ends, and waits for what is under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await this.#running;
  }

  #look(): void {
    if (this.#options.isBusy()) return;
    this.#running ??= this.#changes
      .catchUp(this.#stop.signal)
      .catch((error: unknown) => this.#notKept(error))
      .finally(() => {
        this.#running = undefined;
      });
  }

  #notKept(error: unknown): void {
    this.#options.log.error('The summaries of packages were not kept up', { error });
  }
}
