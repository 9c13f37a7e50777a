import { expect, test } from '@jest/globals';
import { network, until, type TestNetwork, type TestPeer } from '../network/index.ts';
import { author, LogWriter } from '../builders/index.ts';
import { simulatedNetwork, type SimulatedNetwork } from './index.ts';

const note = Uint8Array.of(0xa0);

/** A started peer that is reached through the simulated network, by TCP or in memory. */
function peerOf(net: TestNetwork, sim: SimulatedNetwork, name: string, join: readonly TestPeer[] = [], listen?: string): Promise<TestPeer> {
  return net.peer(name, { wrapTransport: sim.transportOf(name), join, ...(listen === undefined ? {} : { listen: [listen] }) });
}

test.each(['/ip4/127.0.0.1/tcp/0', '/memory/hub'])('over %s news reach who is near before who is far, whoever that is', async (address) => {
  const sim = simulatedNetwork({ seed: 1 });
  await using net = network();
  const hub = await peerOf(net, sim, 'hub', [], address);
  const peers = await Promise.all(['x', 'y'].map((name) => peerOf(net, sim, name, [hub])));
  await hub.linkedTo(...peers);
  const writer = new LogWriter('courier');
  for (const [near, far] of [['x', 'y'], ['y', 'x'], ['x', 'y'], ['y', 'x']] as const) {
    sim.link('hub', near).delay(0);
    sim.link('hub', far).delay(400);
    const record = writer.writeBytes('note', note);
    const arrived: string[] = [];
    const all = peers.map(async (peer) => {
      await peer.holds(record);
      arrived.push(peer.name);
    });
    await hub.publishes(record);
    await Promise.all(all);
    expect(arrived).toEqual([near, far]);
  }
});

test('what is said of all links holds for those that are used already and for those that never were', () => {
  const sim = simulatedNetwork({ seed: 1 });
  sim.link('a', 'b').bandwidth(1000);
  sim.everywhere({ delayMs: 25 });
  expect([sim.way('b', 'a').quality, sim.way('a', 'c').quality]).toEqual([expect.objectContaining({ delayMs: 25, bytesPerSecond: 1000 }), expect.objectContaining({ delayMs: 25, bytesPerSecond: Infinity })]);
});

test('through jitter, losses and a thin line everything arrives', async () => {
  const sim = simulatedNetwork({ seed: 2, links: { delayMs: 5, jitterMs: 10, loss: 0.02, bytesPerSecond: 300_000 } });
  await using net = network();
  const a = await peerOf(net, sim, 'a');
  const writer = new LogWriter('novelist');
  await a.logs.append(Array.from({ length: 300 }, () => writer.writeBytes('note', note)));
  const b = await peerOf(net, sim, 'b', [a]);
  await b.holds(...writer.records);
  await net.converged();
});

test('a partition blocks the connections that are there and new ones, tells nobody, and what was sent arrives when it heals', async () => {
  const sim = simulatedNetwork({ seed: 3 });
  await using net = network();
  const a = await peerOf(net, sim, 'a');
  const [b, c] = [await peerOf(net, sim, 'b', [a]), await peerOf(net, sim, 'c', [a])];
  const late = await peerOf(net, sim, 'late');
  await a.linkedTo(b, c);
  sim.partition(['a', 'c'], ['b', 'late']);
  const ada = author('ada');
  const seen: string[] = [];
  const reached = b.holds(...ada.records).then(() => seen.push('b'));
  await a.publishes(...ada.records);
  await c.holds(...ada.records);
  seen.push('c');
  const impatient = new AbortController();
  const dialled = late.node.dial(a.node.multiaddrs()[0] as string, { signal: impatient.signal });
  const other = await peerOf(net, sim, 'other', [c]);
  await other.linkedTo(c);
  impatient.abort();
  await expect(dialled).rejects.toMatchObject({ code: 'CANCELLED' });
  expect([a.node.links().some(({ peer }) => peer === b.id), b.node.links().some(({ peer }) => peer === a.id)]).toEqual([true, true]);
  seen.push('healed');
  sim.heal();
  await reached;
  expect(seen).toEqual(['c', 'healed', 'b']);
  await late.node.dial(a.node.multiaddrs()[0] as string);
});

test('a partition of half and half with publishes on both sides ends with one root', async () => {
  const sim = simulatedNetwork({ seed: 4, links: { delayMs: 2, jitterMs: 3 } });
  await using net = network({ reconcileMs: 500 });
  const peers: TestPeer[] = [];
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) peers.push(await peerOf(net, sim, name, peers.slice(-3)));
  const [left, right] = [peers.slice(0, 3), peers.slice(3)] as [TestPeer[], TestPeer[]];
  await until(() => peers.every((peer) => peer.node.links().length >= 2), ...peers.map((peer) => peer.changes));
  const [ada, bob] = [author('ada'), author('bob')];
  await left[0]?.publishes(...ada.records);
  await right[0]?.publishes(...bob.records);
  await net.converged();
  sim.partition(['a', 'b', 'c'], ['d', 'e', 'f']);
  for (let patch = 0; patch < 10; patch += 1) {
    await left[0]?.publishes(ada.releases('left-pad', `1.0.${patch}`));
    await right[0]?.publishes(bob.releases('right-pad', `1.0.${patch}`));
  }
  await Promise.all([net.converged(...left), net.converged(...right)]);
  expect(await left[0]?.node.headRoot()).not.toBe(await right[0]?.node.headRoot());
  sim.heal();
  await net.converged();
  for (const peer of peers) expect((await peer.logs.size()).records).toBe(ada.records.length + bob.records.length);
});
