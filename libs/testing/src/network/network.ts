import { seedFrom } from '@souk/domain';
import type { LookupLimits, PeerLimits } from '@souk/p2p';
import { TestPeer, type TestPeerOptions } from './test-peer.ts';
import { until } from './until.ts';

/** Limits with which a machine that stands still for a while breaks nothing: whoever tests a limit sets it. */
const patient: Partial<PeerLimits> = { dialMs: 60_000, frameMs: 120_000, askMs: 120_000, dhtMs: 120_000, stallMs: 120_000, searchAgainMs: 120_000, minRate: 1, syncMs: 600_000, serveMs: 600_000 };
const patientLookups: Partial<LookupLimits> = { answerMs: 120_000 };

/** Real nodes in this process, over TCP on loopback with ports that the system chooses. */
export class TestNetwork implements AsyncDisposable {
  readonly #peers: TestPeer[] = [];
  readonly #defaults: TestPeerOptions;
  readonly #cut = new Set<string>();

  constructor(defaults: TestPeerOptions) {
    this.#defaults = { networkKey: seedFrom('network'), reconcileMs: 3_600_000, ...defaults };
  }

  /** Starts a peer. */
  async peer(name: string, options: TestPeerOptions = {}): Promise<TestPeer> {
    const admit = (id: string): boolean => !this.#cut.has(`${name} ${this.#nameOf(id)}`);
    const limits = { ...patient, ...this.#defaults.limits, ...options.limits };
    const lookupLimits = { ...patientLookups, ...this.#defaults.lookupLimits, ...options.lookupLimits };
    const peer = await TestPeer.start(name, { admit, ...this.#defaults, ...options, limits, lookupLimits });
    this.#peers.push(peer);
    return peer;
  }

  /** Stops a peer for good. */
  async stop(peer: TestPeer): Promise<void> {
    this.#peers.splice(this.#peers.indexOf(peer), 1);
    await peer.node.stop();
  }

  /** Cuts every link between two groups and lets none come back. */
  async part(left: readonly TestPeer[], right: readonly TestPeer[]): Promise<void> {
    for (const a of left) {
      for (const b of right) {
        this.#cut.add(`${a.name} ${b.name}`).add(`${b.name} ${a.name}`);
        await Promise.all([a.node.hangUp(b.id), b.node.hangUp(a.id)]);
      }
    }
    await Promise.all([...left.map((peer) => peer.cutFrom(...right)), ...right.map((peer) => peer.cutFrom(...left))]);
  }

  /** Lets links come back; nobody is dialled. */
  heal(): void {
    this.#cut.clear();
  }

  /** Resolves when these peers, or all of them, have equal head roots. */
  converged(...peers: readonly TestPeer[]): Promise<void> {
    const all = peers.length > 0 ? peers : this.#peers;
    return until(async () => new Set(await Promise.all(all.map((peer) => peer.node.headRoot()))).size === 1, ...all.map((peer) => peer.changes));
  }

  /** Stops every peer. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#peers.splice(0).map((peer) => peer.node.stop()));
  }

  #nameOf(id: string): string {
    return this.#peers.find((peer) => peer.id === id)?.name ?? '';
  }
}

/** A network for one test: `await using net = network()`, then `await net.peer('a')`. Peers of one network share a key unless told otherwise. */
export function network(defaults: TestPeerOptions = {}): TestNetwork {
  return new TestNetwork(defaults);
}
