import { expect, test } from '@jest/globals';
import { protocols } from '@souk/contracts';
import { seedFrom } from '@souk/domain';
import { author, network, seededBytes, type TestNetwork, type TestPeer, until } from '@souk/testing';

const seedsOf = (count: number): Uint8Array[] => Array.from({ length: count }, (_, at) => seedFrom(`further/${at}`));

/** Two super-peers that know each other, and a process with five leaves over one store. */
async function hosts(net: TestNetwork): Promise<{ supers: [TestPeer, TestPeer]; host: TestPeer }> {
  const supers = (await Promise.all(['one', 'two'].map((name) => net.peer(name, { role: 'super' })))) as [TestPeer, TestPeer];
  for (const one of supers) one.node.setSupers(supers.flatMap((other) => other.node.multiaddrs()));
  const host = await net.peer('host', { role: 'leaf', supers, furtherSeeds: seedsOf(4) });
  await until(() => host.node.identities.every((one) => one.superPeers().length === 2), host.changes);
  return { supers, host };
}

test('each identity over one store has a key, links and a lease of its own, and what they lease together is what the store holds', async () => {
  await using net = network();
  const { supers, host } = await hosts(net);
  expect(new Set(host.node.identities.map(({ peerId }) => peerId)).size).toBe(5);
  const facts = await Promise.all(Array.from({ length: 20 }, (_, at) => host.keeps(seededBytes(`blob ${at}`, 100))));
  void host.node.provide(facts.map(({ cid }) => cid));
  await supers[0].indexes(7, 20);
  const seeker = await net.peer('seeker', { role: 'leaf', supers });
  await seeker.hasSupers(2);
  const named = new Set<string>();
  for (const { cid } of facts) for (const peer of (await seeker.node.lookup(cid)).providers) named.add(peer);
  expect([...named].every((peer) => host.node.identities.some(({ peerId }) => peerId === peer))).toBe(true);
  expect(named.size).toBeGreaterThan(1);
  for (const one of facts.slice(0, 5)) expect(await seeker.fetches(one)).toMatchObject({ already: false });
  void host.node.withdraw(facts.map(({ cid }) => cid));
  await supers[0].indexes(8, 0);
});

test('records are asked for once for a store, however many identities are linked, and reach it over any of them', async () => {
  const opened: string[] = [];
  await using net = network();
  const supers = (await Promise.all(['one', 'two'].map((name) => net.peer(name, { role: 'super' })))) as [TestPeer, TestPeer];
  const ada = author('ada');
  for (const one of supers) await one.logs.append(ada.records);
  const host = await net.peer('host', { role: 'leaf', supers, furtherSeeds: seedsOf(11), tap: { opened: (protocol) => opened.push(protocol) } });
  await until(() => host.node.identities.every((one) => one.superPeers().length === 2), host.changes);
  await host.holds(...ada.records);
  await Promise.all(supers.map((one) => host.node.syncWith(one.id)));
  expect(opened.filter((protocol) => protocol === protocols.sync).length).toBeLessThan(2 * host.node.identities.length);
  const bob = author('bob');
  await host.publishes(...bob.records);
  await Promise.all(supers.map((one) => one.holds(...bob.records)));
});

test('a stopped node has taken back the leases of all its identities', async () => {
  await using net = network();
  const { supers, host } = await hosts(net);
  await supers[0].indexes(7, 0);
  await net.stop(host);
  await Promise.all(supers.map((one) => one.indexes(2, 0)));
});

test('peers of other roles than leaf have one identity', async () => {
  await using net = network();
  await expect(net.peer('full', { furtherSeeds: seedsOf(1) })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});
