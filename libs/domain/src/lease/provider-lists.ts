import { createHash } from 'node:crypto';
import type { DigestKey } from './cid-set.ts';
import { diverse, type Grouped } from './diverse.ts';

/** A peer in the lists. */
export interface ListedProvider {
  readonly peer: string;
  /** Whom it counts together with when providers should be diverse. */
  readonly group: string;
}

interface Weighed<P> extends Grouped {
  readonly one: P;
}

/** Providers by cid: one alone is kept without a list of its own, because that is what most cids have. */
export class ProviderLists<P extends ListedProvider> {
  readonly #most: number;
  readonly #byCid = new Map<DigestKey, P | P[]>();
  #pairs = 0;

  constructor(mostOfCid: number) {
    this.#most = mostOfCid;
  }

  /** Cids that have a provider. */
  get cids(): number {
    return this.#byCid.size;
  }

  /** Pairs that are kept. */
  get pairs(): number {
    return this.#pairs;
  }

  /** The providers of a cid. */
  of(key: DigestKey): readonly P[] {
    const listed = this.#byCid.get(key);
    return listed === undefined ? [] : Array.isArray(listed) ? listed : [listed];
  }

  /** Lists a provider; where there are too many, one of the group that has most of them gives way. */
  add(key: DigestKey, provider: P): void {
    const listed = this.of(key);
    if (listed.includes(provider)) return;
    this.#set(key, listed, listed.length < this.#most ? [...listed, provider] : diverse([...listed, provider].map((one): Weighed<P> => ({ one, group: one.group, weight: weightOf(key, one) })), this.#most).map(({ one }) => one));
  }

  /** Takes a provider out. */
  remove(key: DigestKey, provider: P): void {
    const listed = this.of(key);
    if (listed.includes(provider)) this.#set(key, listed, listed.filter((one) => one !== provider));
  }

  #set(key: DigestKey, before: readonly P[], after: P[]): void {
    this.#pairs += after.length - before.length;
    const [only] = after;
    if (only === undefined) this.#byCid.delete(key);
    else this.#byCid.set(key, after.length === 1 ? only : after);
  }
}

/** A number that follows from the pair alone, so that every super-peer prefers the same providers. */
function weightOf(key: DigestKey, provider: ListedProvider): number {
  return createHash('sha256').update(provider.peer).update(key, 'latin1').digest().readUInt32BE();
}
