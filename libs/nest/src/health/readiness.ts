import { Injectable } from '@nestjs/common';

/** Something that must hold before this service does its work. */
export interface Condition {
  /** It holds now. */
  met(): void;
  /** It does not hold (any more); the reason is shown by `/readyz`. */
  unmet(reason?: string): void;
}

/** A condition that does not hold. */
export interface UnmetCondition {
  readonly name: string;
  readonly reason?: string;
}

/** Whether this service is ready: every registered condition is met, it listens, and it is not stopping. */
@Injectable()
export class Readiness {
  readonly #unmet = new Map<string, UnmetCondition>();
  #waiting: (() => void)[] = [];

  /** Registers a condition by a name of its own; unmet until said otherwise. */
  condition(name: string): Condition {
    const unmet = (reason?: string): void => void this.#unmet.set(name, { name, ...(reason ? { reason } : {}) });
    unmet();
    return {
      unmet,
      met: () => {
        this.#unmet.delete(name);
        if (this.#unmet.size === 0) for (const tell of this.#waiting.splice(0)) tell();
      },
    };
  }

  /** What does not hold now; nothing when ready. */
  unmet(): readonly UnmetCondition[] {
    return [...this.#unmet.values()];
  }

  /** Resolves as soon as every condition is met. Rejects with the signal's reason when it aborts before. */
  whenReady(signal?: AbortSignal): Promise<void> {
    if (this.#unmet.size === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const giveUp = (): void => reject(signal?.reason instanceof Error ? signal.reason : new Error('gave up waiting'));
      if (signal?.aborted) return giveUp();
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#waiting.push(() => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      });
    });
  }
}
