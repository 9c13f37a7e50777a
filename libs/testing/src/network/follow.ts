import type { KeyId } from '@souk/domain';
import type { FollowedLogs } from '@souk/p2p';

/** A list of logs that a test changes as it likes. */
export class TestList implements FollowedLogs {
  readonly #listeners = new Set<() => void>();
  #keys: ReadonlySet<KeyId>;

  constructor(...keys: readonly KeyId[]) {
    this.#keys = new Set(keys);
  }

  listed(): ReadonlySet<KeyId> {
    return this.#keys;
  }

  onChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Lists these logs too. */
  add(...keys: readonly KeyId[]): void {
    this.#keys = new Set([...this.#keys, ...keys]);
    for (const listener of this.#listeners) listener();
  }
}
