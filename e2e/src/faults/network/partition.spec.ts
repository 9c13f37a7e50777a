import { afterAll, expect, jest, test } from '@jest/globals';
import type { PeerLimits } from '@souk/p2p';
import { author, network, type TestNetwork, type TestPeer } from '@souk/testing';
import { simulatedNetwork, type SimulatedNetwork } from '@souk/testing/simulated';
import { until } from '../../scenario/until.ts';
import { Measures } from '../measures.ts';
import { runOptions } from '../run-options.ts';

const rounds = runOptions.runs;
jest.setTimeout(120_000 + rounds * 300_000);

const measures = new Measures();
afterAll(() => measures.report('network-partition'));

interface Halves {
  readonly sim: SimulatedNetwork;
  readonly left: readonly TestPeer[];
  readonly right: readonly TestPeer[];
}

/** Two halves of a super-peer, two full peers and a leaf each, all in one network with 20 ms from one to the other. */
async function halves(net: TestNetwork, seed: number, limits: Partial<PeerLimits>): Promise<Halves> {
  const sim = simulatedNetwork({ seed, links: { delayMs: 20, jitterMs: 10 } });
  const start = (name: string, options: Parameters<TestNetwork['peer']>[1]): Promise<TestPeer> => net.peer(name, { ...options, limits, wrapTransport: sim.transportOf(name) });
  const supers = await Promise.all(['left super', 'right super'].map((name) => start(name, { role: 'super' })));
  for (const one of supers) one.node.setSupers(supers.flatMap((other) => other.node.multiaddrs()));
  await Promise.all(supers.map((one) => one.hasSupers(1)));
  const [left, right] = await Promise.all(
    ['left', 'right'].map(async (side, at) => {
      const others = await Promise.all(['one', 'two'].map((name) => start(`${side} ${name}`, { supers })));
      const leaf = await start(`${side} leaf`, { role: 'leaf', supers });
      return [supers[at] as TestPeer, ...others, leaf];
    }),
  );
  if (!left || !right) throw new Error('there are two halves');
  await Promise.all([...left, ...right].map((peer) => peer.hasSupers(peer.node.role === 'super' ? 1 : 2)));
  return { sim, left, right };
}

/** Parts the halves, so that nothing gets through and, as after a while of silence, every link between them is given up. */
async function part({ sim, left, right }: Halves): Promise<void> {
  sim.partition(left.map(({ name }) => name), right.map(({ name }) => name));
  await Promise.all([...pairs(left, right), ...pairs(right, left)].map(([one, other]) => one.node.hangUp(other.id).catch(() => undefined)));
  await Promise.all([...left.map((peer) => peer.cutFrom(...right)), ...right.map((peer) => peer.cutFrom(...left))]);
}

const pairs = (ones: readonly TestPeer[], others: readonly TestPeer[]): [TestPeer, TestPeer][] => ones.flatMap((one) => others.map((other): [TestPeer, TestPeer] => [one, other]));

/** Publishes on both sides; every peer of a half takes part. */
async function publishOnBothSides({ left, right }: Halves, versions: number): Promise<void> {
  for (const side of [left, right]) {
    for (const peer of side) {
      const one = author(peer.name);
      for (let patch = 0; patch < versions; patch += 1) one.releases(`package of ${peer.name}`.replaceAll(' ', '-'), `1.0.${patch}`);
      await peer.publishes(...one.records);
    }
  }
}

const rootsOf = async (peers: readonly TestPeer[]): Promise<Set<string>> => new Set(await Promise.all(peers.map((peer) => peer.node.headRoot())));

test('halves of a network that publish while they are parted have one root again after it healed', async () => {
  for (let round = 0; round < rounds; round += 1) {
    // All that is waited for here by the peers themselves is as it is in a site.
    await using net = network({ reconcileMs: 30_000 });
    const at = await halves(net, runOptions.seed + round, { dialMs: 5000 });
    await part(at);
    await publishOnBothSides(at, 20);
    await Promise.all([net.converged(...at.left), net.converged(...at.right)]);
    expect((await rootsOf([...at.left, ...at.right])).size).toBe(2);
    at.sim.heal();
    await measures.timed('equal roots after healing', () => net.converged());
  }
});

test('without reconciliation they are linked again and hear of what is new, but what was published meanwhile stays where it was', async () => {
  for (let round = 0; round < rounds; round += 1) {
    await using net = network();
    // No exchange of `/souk/sync/1` ever has a place: what is left is gossip, and what super-peers push.
    const at = await halves(net, runOptions.seed + round, { dialMs: 5000, parallelSyncs: 0 });
    await part(at);
    await publishOnBothSides(at, 20);
    at.sim.heal();
    const [from, to] = [at.left[0], at.right[0]] as [TestPeer, TestPeer];
    const before = (await to.logs.size()).records;
    let news = 0;
    await until({
      what: 'something new to come over',
      read: async () => {
        await from.publishes(...author(`news ${(news += 1)}`).records);
        return (await to.logs.size()).records;
      },
      isDone: (records) => records > before,
      deadlineMs: 240_000,
    });
    const leftBehind = author(from.name).root.key;
    expect(await from.logs.head(leftBehind)).toBeDefined();
    expect(await to.logs.head(leftBehind)).toBeUndefined();
    expect(await from.node.headRoot()).not.toBe(await to.node.headRoot());
  }
});
