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
  /** Whether it gave up, because it was not served however often it asked. */
  readonly gaveUp: boolean;
}

/** Somebody else whom a super-peer serves: a leaf that looks up and fetches a blob that the super-peer holds, again and again. */
export class Somebody {
  readonly #peer: TestPeer;
  readonly #facts: BlobFacts;
  readonly #victim: string;

  private constructor(peer: TestPeer, facts: BlobFacts, victim: string) {
    this.#peer = peer;
    this.#facts = facts;
    this.#victim = victim;
  }

  /** A leaf with one link, to that super-peer. */
  static async at(victim: PeerProcess, facts: BlobFacts, net: TestNetwork): Promise<Somebody> {
    const peer = await net.peer(`somebody at ${victim.name}`, { role: 'leaf', supers: [victim.address] });
    await peer.hasSupers(1);
    return new Somebody(peer, facts, victim.id);
  }

  /** Fetches a large blob so often: what serving takes of memory at most is taken then. */
  async warms(facts: BlobFacts, times: number): Promise<void> {
    for (let at = 0; at < times; at += 1) {
      await this.#peer.fetches(facts);
      await this.#peer.blobs.delete(facts.cid);
    }
  }

  /** Is served so often, unless it gives up. */
  async times(count: number): Promise<Served> {
    return this.#served((ms) => ms.length >= count);
  }

  /** Is served for as long as something takes, and once more then, unless it gives up. `enough`: times after which the work is told to come to its end. Throws what the work throws. */
  async during<T>(work: (end: AbortSignal) => Promise<T>, enough = Infinity): Promise<Served & { readonly answer: T }> {
    let isOver = false;
    const end = new AbortController();
    const working = work(end.signal).finally(() => (isOver = true));
    working.catch(() => undefined);
    let last = Infinity;
    const served = await this.#served((ms) => {
      if (ms.length >= enough) end.abort();
      if (isOver) last = Math.min(last, ms.length + 1);
      return ms.length >= last;
    });
    end.abort();
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
      } catch {
        failures += 1;
        inRow += 1;
        if (inRow >= mostInRow) return { ms, failures, gaveUp: true };
        // A link that was lost in between comes back by itself.
        await this.#peer.hasSupers(1);
      }
    }
    return { ms, failures, gaveUp: false };
  }

  async #once(): Promise<void> {
    const { node, blobs } = this.#peer;
    const { providers } = await node.lookup(this.#facts.cid);
    if (!providers.includes(this.#victim)) throw new Error('the super-peer was not found');
    await this.#peer.fetches(this.#facts);
    await blobs.delete(this.#facts.cid);
  }
}

/** The p99 of how long it took. */
export function p99({ ms }: Served): number {
  const sorted = ms.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? 0;
}
