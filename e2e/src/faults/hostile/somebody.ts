import type { BlobFacts, TestNetwork, TestPeer } from '@souk/testing';
import type { PeerProcess } from '../network/peer-process.ts';

/** Failures in a row that are not this machine's any more: a limit that is set low for an attacker may once hit somebody whose process stood still. */
const mostInRow = 5;

/** How somebody was served. */
export interface Served {
  /** How long each time took, in milliseconds. */
  readonly ms: readonly number[];
  /** How often it had to ask again. */
  readonly failures: number;
}

/** Somebody else whom a super-peer serves: a leaf that looks up and fetches a blob that the super-peer holds, again and again. */
export class Somebody {
  readonly #peer: TestPeer;
  readonly #facts: BlobFacts;

  private constructor(peer: TestPeer, facts: BlobFacts) {
    this.#peer = peer;
    this.#facts = facts;
  }

  /** A leaf with one link, to that super-peer. */
  static async at(victim: PeerProcess, facts: BlobFacts, net: TestNetwork): Promise<Somebody> {
    const peer = await net.peer(`somebody at ${victim.name}`, { role: 'leaf', supers: [victim.address] });
    await peer.hasSupers(1);
    return new Somebody(peer, facts);
  }

  /** Is served so often. Throws when it is not served any more. */
  async times(count: number): Promise<Served> {
    return this.#served((ms) => ms.length >= count);
  }

  /** Is served for as long as something takes, and once more then. Throws when it is not served any more, and what the work throws. */
  async during<T>(work: () => Promise<T>): Promise<Served & { readonly answer: T }> {
    let isOver = false;
    const working = work().finally(() => (isOver = true));
    working.catch(() => undefined);
    let last = Infinity;
    const served = await this.#served((ms) => {
      if (isOver) last = Math.min(last, ms.length + 1);
      return ms.length >= last;
    });
    return { ...served, answer: await working };
  }

  async #served(isEnough: (ms: readonly number[]) => boolean): Promise<Served> {
    const ms: number[] = [];
    let failures = 0;
    for (let inRow = 0; !isEnough(ms); ) {
      const since = performance.now();
      try {
        await this.#once();
        ms.push(performance.now() - since);
        inRow = 0;
      } catch (error) {
        failures += 1;
        inRow += 1;
        if (inRow >= mostInRow) throw error;
      }
    }
    return { ms, failures };
  }

  async #once(): Promise<void> {
    const { node, blobs } = this.#peer;
    const { tier } = await node.lookup(this.#facts.cid);
    if (tier !== 'super') throw new Error(`the super-peer did not answer a lookup: ${tier}`);
    await this.#peer.fetches(this.#facts);
    await blobs.delete(this.#facts.cid);
  }
}

/** The p99 of how long it took. */
export function p99({ ms }: Served): number {
  const sorted = ms.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? 0;
}
