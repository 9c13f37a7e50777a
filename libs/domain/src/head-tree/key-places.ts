import type { KeyId } from '../id/key-id.ts';
import { positionOf } from './tree-node.ts';

/** Where some logs stand in every tree of heads: for whoever looks at those alone. */
export class KeyPlaces {
  readonly #keys: ReadonlySet<KeyId>;
  /** In ascending order. */
  readonly #positions: readonly string[];

  constructor(keys: Iterable<KeyId>) {
    this.#keys = new Set(keys);
    this.#positions = [...this.#keys].map(positionOf).sort();
  }

  /** Whether a log is one of them. */
  has(key: KeyId): boolean {
    return this.#keys.has(key);
  }

  /** Whether one of them stands below a node: its position begins with `prefix` (hexadecimal digits). */
  isUnder(prefix: string): boolean {
    let [low, high] = [0, this.#positions.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#positions[middle] as string) < prefix) low = middle + 1;
      else high = middle;
    }
    return this.#positions[low]?.startsWith(prefix) ?? false;
  }
}
