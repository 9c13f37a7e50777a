import { setTimeout as wait } from 'node:timers/promises';
import { seededRandom } from '../corpus/seeded-random.ts';
import type { Bench } from '../runner/bench.ts';
import { HostProcess } from './host-process.ts';

/** Peers of one process: more share a heap, fewer cost a runtime each. */
const mostInProcess = 250;
const leastProcesses = 2;
/** Peers that each peer dials, of those started before it; as many dial it on average. */
const dialled = 4;
const pollMs = 20;
/** Peers are at rest when in this time less than one in a hundred of their links came or went. */
const calmMs = 2000;
/** How long a record may take to reach everybody. */
const patienceMs = 30_000;

/** What became of one record. */
export interface Delivery {
  /** Nanoseconds from its publishing to its being kept, of each peer that has it. */
  readonly times: readonly number[];
  /** Messages that came in at all peers, beyond one for each. */
  readonly duplicates: number;
}

/** Real full peers in a few processes, each linked to some at random. */
export class GossipNetwork {
  readonly peers: number;
  readonly processes: number;
  readonly #hosts: readonly HostProcess[];
  readonly #each: number;
  readonly #bench: Bench;
  #published = 0;

  private constructor(bench: Bench, peers: number, hosts: readonly HostProcess[], each: number) {
    this.#bench = bench;
    this.peers = peers;
    this.processes = hosts.length;
    this.#hosts = hosts;
    this.#each = each;
  }

  /** Starts and links the peers; resolves when a record of the first reaches all others. */
  static async start(bench: Bench, peers: number): Promise<GossipNetwork> {
    const processes = Math.max(leastProcesses, Math.ceil(peers / mostInProcess));
    const each = Math.ceil(peers / processes);
    const hosts = Array.from({ length: processes }, () => new HostProcess(bench));
    const network = new GossipNetwork(bench, peers, hosts, each);
    const started = await Promise.all(hosts.map((host, index) => host.ask({ t: 'start', first: index * each, count: network.#sizeOf(index) })));
    bench.say(`${peers} peers started in ${processes} processes`);
    await network.#link(started.flatMap(({ addresses }) => addresses));
    bench.say(`${peers} peers linked as they were told to`);
    await network.#calm();
    await network.#settle();
    return network;
  }

  /** Has one peer publish a record with a body of so many bytes; resolves when everybody has it, or does not in time. */
  async publish(peer: number, bytes: number): Promise<Delivery> {
    await this.told();
    const host = this.#hosts[Math.floor(peer / this.#each)] as HostProcess;
    this.#published += 1;
    const { key, at } = await host.ask({ t: 'publish', peer: peer % this.#each, name: `record ${this.#published}`, bytes });
    let times: number[] = [];
    for (const end = performance.now() + patienceMs; times.length < this.peers - 1 && performance.now() < end; ) {
      await wait(pollMs, undefined, { signal: this.#bench.signal });
      const answers = await Promise.all(this.#hosts.map((one) => one.ask({ t: 'arrived?', key })));
      times = answers.flatMap((answer) => answer.times.map((time) => time - at));
    }
    // Copies that come later than the record did everywhere.
    await wait(10 * pollMs, undefined, { signal: this.#bench.signal });
    const { copies } = await this.told();
    return { times, duplicates: copies - times.length };
  }

  /** What all processes say of themselves. */
  async told(): Promise<{ readonly copies: number; readonly links: number; readonly rssMiB: number }> {
    const all = await Promise.all(this.#hosts.map((host) => host.ask({ t: 'tell' })));
    const sum = (of: (one: (typeof all)[number]) => number): number => all.reduce((total, one) => total + of(one), 0);
    return { copies: sum((one) => one.copies), links: sum((one) => one.links), rssMiB: sum((one) => one.rssMiB) };
  }

  /** Ends everything. */
  stop(): void {
    for (const host of this.#hosts) host.stop();
  }

  #sizeOf(host: number): number {
    return Math.min(this.#each, this.peers - host * this.#each);
  }

  /** Every process links its peers one after the other, all processes at once. */
  async #link(addresses: readonly string[]): Promise<void> {
    const random = seededRandom(1);
    const links = addresses.map((_, index) => [...new Set(Array.from({ length: Math.min(dialled, index) }, () => addresses[random.below(index)] as string))]);
    await Promise.all(this.#hosts.map((host, index) => host.ask({ t: 'link', links: links.slice(index * this.#each, index * this.#each + this.#sizeOf(index)) })));
  }

  /** Full peers go on linking to those that they find in the DHT: waits until hardly any link is made. */
  async #calm(): Promise<void> {
    let before = 0;
    for (let { links } = await this.told(); Math.abs(links - before) > links / 100; { links } = await this.told()) {
      this.#bench.say(`${(links / this.peers).toFixed(1)} links each`);
      before = links;
      await wait(calmMs, undefined, { signal: this.#bench.signal });
    }
  }

  async #settle(): Promise<void> {
    for (;;) {
      const { times } = await this.publish(0, 100);
      if (times.length === this.peers - 1) return;
      this.#bench.say(`a record reached ${times.length} of ${this.peers - 1} peers; their meshes are not ready`);
    }
  }
}
