import { expect, test } from '@jest/globals';
import { multiaddr } from '@multiformats/multiaddr';
import { protocols } from '@souk/contracts';
import { seedFrom } from '@souk/domain';
import { factsOf, network, seededBytes, until, type Changes, type TestPeer } from '@souk/testing';
import { createLibp2pNode } from '../node/create-libp2p-node.ts';
import { fullPeerLimits, patientLimits } from '../node/peer-limits.ts';
import { stopLibp2p } from '../node/stop-libp2p.ts';

/** The DHT alone is asked: nobody else knows, and linked peers do not have it. */
const quick = { limits: { dhtMs: 20_000, hedgeMs: 50 }, lookupLimits: { scoutMs: 3_600_000 } };

/** Somebody asks a peer something of the DHT. Throws what libp2p throws. */
async function asksDht(peer: TestPeer): Promise<void> {
  const limits = { ...fullPeerLimits, ...patientLimits(20) };
  const libp2p = await createLibp2pNode({ seed: seedFrom('asker'), networkKey: seedFrom('network'), listen: [], announce: [], limits, isLeaf: true, rank: () => 0.5, admit: () => true });
  try {
    await libp2p.start();
    const stream = await libp2p.dialProtocol(multiaddr(peer.node.multiaddrs()[0] as string), protocols.kad);
    stream.abort(new Error('it does answer'));
  } finally {
    await stopLibp2p(libp2p);
  }
}

/** Nobody hears of what the DHT was told, and who was told that nobody has a blob believes it for a while: one has to ask again. */
const againAndAgain: Changes = (changed) => {
  const timer = setInterval(changed, 250);
  return () => clearInterval(timer);
};

test('a super-peer answers the DHT from its index: a full peer without super-peers finds what a leaf leases', async () => {
  await using net = network(quick);
  const superPeer = await net.peer('super', { role: 'super' });
  const holder = await net.peer('holder', { role: 'leaf', supers: [superPeer] });
  const facts = await holder.keeps(seededBytes('template', 500));
  void holder.node.provide([facts.cid]);
  await superPeer.indexes(2, 1);
  const full = await net.peer('full', { join: [superPeer] });
  await full.linkedTo(superPeer);
  expect(await full.node.lookup(facts.cid)).toMatchObject({ tier: 'dht', providers: [holder.id] });
  expect(await full.fetches(facts)).toMatchObject({ providers: [holder.id] });
});

test('a leaf whose super-peers are gone asks the DHT as a client, over full peers that it remembers', async () => {
  await using net = network(quick);
  const superPeer = await net.peer('super', { role: 'super' });
  // It seeks no super-peers itself, or it would find this one by the DHT, and be leased there.
  const holder = await net.peer('holder', { lookupLimits: { supers: 0 } });
  const between = await net.peer('between', { supers: [superPeer], join: [holder] });
  await between.linkedTo(holder);
  const facts = await holder.keeps(seededBytes('template', 500));
  await holder.node.provide([facts.cid]);
  const kept = Promise.withResolvers<void>();
  const onRemember = (addresses: readonly string[]): void => (addresses.some((address) => address.includes(between.id)) ? kept.resolve() : undefined);
  await superPeer.indexes(2, 0);
  const leaf = await net.peer('leaf', { role: 'leaf', supers: [superPeer], onRemember });
  await kept.promise;
  await net.stop(superPeer);
  await leaf.linkedTo(between);
  expect(leaf.node.links().map(({ peer }) => peer)).toEqual([between.id]);
  await expect(asksDht(leaf)).rejects.toMatchObject({ name: 'UnsupportedProtocolError' });
  expect(await leaf.node.lookup(facts.cid)).toMatchObject({ tier: 'dht', providers: [holder.id] });
  await asksDht(between);
  expect(await leaf.node.lookup(factsOf(seededBytes('nowhere', 1)).cid)).toMatchObject({ tier: 'none' });
});

test('a full peer that knows another full peer only finds the super-peer by the DHT', async () => {
  await using net = network({ lookupLimits: { scoutMs: 1 } });
  const between = await net.peer('between', { lookupLimits: { supers: 0 } });
  const superPeer = await net.peer('super', { role: 'super', join: [between] });
  await superPeer.linkedTo(between);
  const newcomer = await net.peer('newcomer', { join: [between] });
  await newcomer.hasSupers(1);
  await newcomer.linkedTo(superPeer);
});

test('leaves whose super-peers are gone tell the DHT what they serve: one finds there what only another one holds', async () => {
  await using net = network(quick);
  const superPeer = await net.peer('super', { role: 'super' });
  const fulls = [await net.peer('one', { supers: [superPeer] }), await net.peer('two', { supers: [superPeer] })];
  await superPeer.indexes(3, 0);
  const remembers = (wanted: string): { leaf: Promise<void>; onRemember(addresses: readonly string[]): void } => {
    const { promise, resolve } = Promise.withResolvers<void>();
    return { leaf: promise, onRemember: (addresses) => (addresses.some((address) => address.includes(wanted)) ? resolve() : undefined) };
  };
  const [ofHolder, ofSeeker] = fulls.map((full) => remembers(full.id)) as [ReturnType<typeof remembers>, ReturnType<typeof remembers>];
  const holder = await net.peer('holder', { role: 'leaf', supers: [superPeer], onRemember: ofHolder.onRemember });
  const seeker = await net.peer('seeker', { role: 'leaf', supers: [superPeer], onRemember: ofSeeker.onRemember });
  const facts = await holder.keeps(seededBytes('template', 500));
  void holder.node.provide([facts.cid]);
  await Promise.all([superPeer.indexes(5, 1), ofHolder.leaf, ofSeeker.leaf]);
  await net.stop(superPeer);
  await until(async () => (await seeker.node.lookup(facts.cid)).tier === 'dht', againAndAgain);
  expect(await seeker.fetches(facts)).toMatchObject({ providers: [holder.id] });
});
