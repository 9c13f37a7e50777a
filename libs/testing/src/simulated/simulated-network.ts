import type { Transport } from '@libp2p/interface';
import { sha256Of } from '@souk/domain';
import { seededRandom } from '../trouble/seeded-random.ts';
import { Link, perfect, Way, type LinkQuality } from './link.ts';
import { simulatedTransport } from './simulated-transport.ts';

/** How a simulated network is made. */
export interface SimulatedOptions {
  /** The same seed gives the same schedule on each link. */
  readonly seed: number;
  /** How good links are that nobody says anything else of; perfect unless given. */
  readonly links?: Partial<LinkQuality>;
}

/** Ways between named nodes: how good they are, and which are cut. Real nodes send through them by the transports that `transportOf` wraps. */
export class SimulatedNetwork {
  readonly #seed: number;
  #quality: LinkQuality;
  readonly #ways = new Map<string, Way>();
  readonly #cut = new Set<string>();
  readonly #listeners = new Map<string, string>();
  readonly #waiting = new Set<() => void>();

  constructor({ seed, links }: SimulatedOptions) {
    this.#seed = seed;
    this.#quality = { ...perfect, ...links };
  }

  /** For `wrapTransport` of the node that goes by this name here. All nodes of one test must be in the network: others find no way to them. */
  transportOf(name: string): (transport: Transport) => Transport {
    return (transport) => simulatedTransport(transport, name, this);
  }

  /** The link between two nodes. */
  link(a: string, b: string): Link {
    return new Link([this.way(a, b), this.way(b, a)]);
  }

  /** How good all links are from now on, those that were never used too. */
  everywhere(quality: Partial<LinkQuality>): void {
    this.#quality = { ...this.#quality, ...quality };
    for (const way of this.#ways.values()) way.quality = { ...way.quality, ...quality };
  }

  /**
   * Cuts every link between the groups, as a network does: nothing gets through, neither data, nor the end of a connection, nor a new one, and
   * nobody is told. What was sent waits as long as its connection lives.
   */
  partition(...groups: readonly (readonly string[])[]): void {
    for (const [index, group] of groups.entries()) {
      for (const a of group) for (const b of groups.slice(index + 1).flat()) this.#cut.add(wayName(a, b)).add(wayName(b, a));
    }
  }

  /** Lets everything through again. */
  heal(): void {
    this.#cut.clear();
    for (const wake of this.#waiting) wake();
  }

  /** One way of a link. */
  way(from: string, to: string): Way {
    const name = wayName(from, to);
    let way = this.#ways.get(name);
    if (!way) {
      // Each way has random numbers of its own, whatever the order in which ways are first used.
      const seed = new DataView(sha256Of(new TextEncoder().encode(`${this.#seed} ${name}`)).buffer).getUint32(0);
      way = new Way(seededRandom(seed));
      way.quality = this.#quality;
      this.#ways.set(name, way);
    }
    return way;
  }

  /** Whether nothing gets from one node to another. */
  isCut(from: string, to: string): boolean {
    return this.#cut.has(wayName(from, to));
  }

  /** Resolves once something gets from one node to another. Throws what the signal says. */
  async whenOpen(from: string, to: string, signal?: AbortSignal): Promise<void> {
    while (this.isCut(from, to)) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const onAbort = (): void => reject(signal?.reason as Error);
      this.#waiting.add(resolve);
      signal?.addEventListener('abort', onAbort, { once: true });
      try {
        await promise;
      } finally {
        this.#waiting.delete(resolve);
        signal?.removeEventListener('abort', onAbort);
      }
    }
  }

  /** A node listens at an address. */
  listens(name: string, address: string): void {
    this.#listeners.set(bare(address), name);
  }

  /** Who listens at an address. */
  at(address: string): string | undefined {
    return this.#listeners.get(bare(address));
  }
}

const wayName = (from: string, to: string): string => JSON.stringify([from, to]);
const bare = (address: string): string => address.split('/p2p/')[0] as string;

/** A network whose links are as bad as a test says: `const sim = simulatedNetwork({ seed: 1 }); sim.link('a', 'b').delay(50)`. */
export function simulatedNetwork(options: SimulatedOptions): SimulatedNetwork {
  return new SimulatedNetwork(options);
}
