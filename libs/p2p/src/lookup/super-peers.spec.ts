import { expect, test } from '@jest/globals';
import { protocols } from '@souk/contracts';
import { peerIdOf, seedFrom, signerOf } from '@souk/domain';
import { factsOf, network, seededBytes, type TestNetwork, type TestPeer } from '@souk/testing';

/** Super-peers that know each other and are linked. */
async function superPeers(net: TestNetwork, ...names: string[]): Promise<TestPeer[]> {
  const supers = await Promise.all(names.map((name) => net.peer(name, { role: 'super' })));
  for (const one of supers) one.node.setSupers(supers.flatMap((other) => other.node.multiaddrs()));
  await Promise.all(supers.map((one) => one.hasSupers(supers.length - 1)));
  return supers;
}

const quick = { limits: { hedgeMs: 50 } };

test('a leaf finds through a super-peer what only another leaf holds, with one request, and fetches it', async () => {
  const asked: string[] = [];
  await using net = network(quick);
  const [one] = await superPeers(net, 'super');
  const holder = await net.peer('holder', { role: 'leaf', supers: [one as TestPeer] });
  const facts = await holder.keeps(seededBytes('template', 5000));
  void holder.node.provide([facts.cid]);
  const seeker = await net.peer('seeker', { role: 'leaf', supers: [one as TestPeer], tap: { sent: (protocol) => asked.push(protocol) } });
  await Promise.all([seeker.hasSupers(1), one?.indexes(3, 1)]);
  asked.length = 0;
  expect(await seeker.node.lookup(facts.cid)).toMatchObject({ tier: 'super', providers: [holder.id] });
  // Heads and charters may be told at any time; what lookups use is these two.
  expect(asked.filter((protocol) => protocol === protocols.lookup || protocol === protocols.blob)).toEqual([protocols.lookup]);
  expect(await seeker.fetches(facts)).toMatchObject({ providers: [holder.id], already: false });
});

test('a lookup right after the start waits for the first super-peer instead of finding nobody', async () => {
  await using net = network(quick);
  const [one] = (await superPeers(net, 'super')) as [TestPeer];
  const holder = await net.peer('holder', { role: 'leaf', supers: [one] });
  const facts = await holder.keeps(seededBytes('template', 500));
  void holder.node.provide([facts.cid]);
  await one.indexes(2, 1);
  const seeker = await net.peer('seeker', { role: 'leaf', supers: [one] });
  expect(await seeker.node.lookup(facts.cid)).toMatchObject({ tier: 'super', providers: [holder.id] });
});

test('what is leased follows what is held, and a peer that stops takes everything back at once', async () => {
  await using net = network(quick);
  const [one] = (await superPeers(net, 'super')) as [TestPeer];
  const holder = await net.peer('holder', { role: 'leaf', supers: [one] });
  const facts = await Promise.all(['a', 'b', 'c'].map((name) => holder.keeps(seededBytes(name, 10))));
  void holder.node.provide(facts.map(({ cid }) => cid));
  await one.indexes(2, 3);
  void holder.node.withdraw([facts[0]?.cid as never]);
  await one.indexes(2, 2);
  await net.stop(holder);
  expect(one.node.indexSize()).toMatchObject({ leases: 1, pairs: 0 });
});

const mirrors = [['super', true, 'super'], ['super', false, 'none'], ['full', true, 'none']] as const;

test.each(mirrors)('a %s peer with mirror: %s is named for a blob that it has not listed by the tier %s', async (role, mirror, tier) => {
  await using net = network(quick);
  const one = await net.peer('super', { role: 'super' });
  const id = peerIdOf(signerOf(seedFrom('peer/other')).publicKey);
  if (role === 'super') one.node.setSupers([`/ip4/127.0.0.1/tcp/9/p2p/${id}`]);
  const other = await net.peer('other', { role, mirror, supers: [one] });
  await one.indexes(2, 0);
  const seeker = await net.peer('seeker', { role: 'leaf', supers: [one] });
  await seeker.hasSupers(1);
  expect(await seeker.node.lookup(factsOf(seededBytes('unlisted', 1)).cid)).toMatchObject({ tier, providers: tier === 'super' ? [other.id] : [] });
});

test('super-peers pass leases on to each other, and a leaf that knows another one finds them there', async () => {
  await using net = network(quick);
  const [first, second] = (await superPeers(net, 'one', 'two')) as [TestPeer, TestPeer];
  const holder = await net.peer('holder', { role: 'leaf', supers: [second] });
  const facts = await holder.keeps(seededBytes('template', 500));
  void holder.node.provide([facts.cid]);
  await Promise.all([first.indexes(3, 1), second.indexes(3, 1)]);
  const seeker = await net.peer('seeker', { role: 'leaf', supers: [first] });
  await seeker.hasSupers(1);
  expect(await seeker.node.lookup(facts.cid)).toMatchObject({ tier: 'super', providers: [holder.id] });
  await first.indexes(4, 1);
  await net.stop(holder);
  await first.indexes(3, 0);
});

test('when a super-peer is gone the second link serves, and the first is replaced', async () => {
  await using net = network(quick);
  const supers = await superPeers(net, 'one', 'two', 'three');
  const holder = await net.peer('holder', { role: 'leaf', supers });
  const facts = await holder.keeps(seededBytes('template', 500));
  void holder.node.provide([facts.cid]);
  const seeker = await net.peer('seeker', { role: 'leaf', supers });
  await Promise.all([seeker.hasSupers(2), holder.hasSupers(2)]);
  await Promise.all(supers.map((one) => one.indexes(5, 1)));
  const before = seeker.node.superPeers();
  const gone = supers.find((one) => one.id === before[0]) as TestPeer;
  await net.stop(gone);
  expect(await seeker.node.lookup(facts.cid)).toMatchObject({ tier: 'super', providers: [holder.id] });
  await seeker.hasSupers(2);
  expect(seeker.node.superPeers().some((peer) => !before.includes(peer))).toBe(true);
});

test('without any super-peer a leaf asks full peers that it was told of, and is told when nobody has a blob', async () => {
  await using net = network(quick);
  const supers = await superPeers(net, 'one', 'two');
  const full = await net.peer('full', { supers });
  const facts = await full.keeps(seededBytes('template', 500));
  await Promise.all(supers.map((one) => one.indexes(3, 0)));
  const kept = Promise.withResolvers<void>();
  const onRemember = (addresses: readonly string[]): void => (addresses.some((address) => address.includes(full.id)) ? kept.resolve() : undefined);
  const leaf = await net.peer('leaf', { role: 'leaf', supers, onRemember });
  await kept.promise;
  await Promise.all(supers.map((one) => net.stop(one)));
  await leaf.linkedTo(full);
  expect(await leaf.node.lookup(facts.cid)).toMatchObject({ tier: 'peers', providers: [full.id] });
  expect(await leaf.fetches(facts)).toMatchObject({ providers: [full.id] });
  expect(await leaf.node.lookup(factsOf(seededBytes('nowhere', 1)).cid)).toMatchObject({ tier: 'none' });
});

test('a lease that a super-peer lost is told anew: a restarted one knows everything again', async () => {
  await using net = network(quick);
  const [one, two] = (await superPeers(net, 'one', 'two')) as [TestPeer, TestPeer];
  const holder = await net.peer('holder', { role: 'leaf', supers: [one] });
  const facts = await holder.keeps(seededBytes('template', 500));
  void holder.node.provide([facts.cid]);
  await two.indexes(3, 1);
  const [where = ''] = two.node.multiaddrs();
  await net.stop(two);
  const again = await net.peer('two', { role: 'super', listen: [where.split('/p2p/')[0] as string], supers: [one] });
  await again.indexes(3, 1);
});
