import { expect, test } from '@jest/globals';
import type { Multiaddr } from '@multiformats/multiaddr';
import { addressGroup, peerIdOf, seedFrom, signerOf } from '@souk/domain';
import { network, until, type TestNetwork, type TestPeer } from '@souk/testing';
import type { FullLibp2p } from '../node/create-libp2p-node.ts';
import { SuperLinks } from './super-links.ts';

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const peerOf = (name: string): string => peerIdOf(signerOf(seedFrom(name)).publicKey);
const addressOf = (ip: string): string => `/ip4/${ip}/tcp/7686/p2p/${peerOf(ip)}`;

/** A node that can dial whoever has an address. */
const dialling = { peerId: { toString: () => 'self' }, addEventListener: () => undefined, removeEventListener: () => undefined, getConnections: () => [], dial: async (address: Multiaddr) => ({ remotePeer: { toString: () => address.toString().split('/p2p/')[1] }, status: 'open' }) } as unknown as FullLibp2p;

test('of super-peers that all answer two are chosen whose addresses have different owners, however many share one', async () => {
  const many = Array.from({ length: 8 }, (_, at) => addressOf(`203.0.113.${at + 1}`));
  for (let times = 0; times < 10; times += 1) {
    const links = new SuperLinks({ libp2p: dialling, log: quiet, addresses: [...many, addressOf('198.51.100.1')], wanted: 2, longestRedialMs: 20_000, closes: true });
    links.start();
    await links.sought();
    expect(new Set(links.addresses().map(addressGroup)).size).toBe(2);
    expect(links.lines().some((one) => one.shares !== undefined)).toBe(false);
    await links.stop();
  }
});

test('where all have one owner two are linked all the same, and it is said what they share', async () => {
  const links = new SuperLinks({ libp2p: dialling, log: quiet, addresses: ['203.0.113.1', '203.0.113.2', '203.0.113.3'].map(addressOf), wanted: 2, longestRedialMs: 20_000, closes: true });
  links.start();
  await links.sought();
  for (const peer of links.linked()) links.learn(peer, undefined);
  expect(links.lines().filter((one) => one.isLinked).map((one) => one.shares)).toEqual(['addresses', 'addresses']);
  expect(links.linked()).toHaveLength(2);
  await links.stop();
});

test('a super-peer elsewhere that could not be reached takes the place of one that shares addresses as soon as it can be', async () => {
  let isDown = true;
  const [near, nearer, far] = ['203.0.113.1', '203.0.113.2', '198.51.100.1'].map(addressOf) as [string, string, string];
  const libp2p = { ...dialling, dial: async (address: Multiaddr) => (isDown && address.toString() === far ? Promise.reject(new Error('down')) : dialling.dial(address)), hangUp: async () => undefined } as unknown as FullLibp2p;
  const links = new SuperLinks({ libp2p, log: quiet, addresses: [near, nearer, far], wanted: 2, closes: true, longestRedialMs: 30_000 });
  links.changes.add(({ came }) => came !== undefined && links.learn(came, undefined));
  links.start();
  await links.sought();
  expect(new Set(links.addresses())).toEqual(new Set([near, nearer]));
  isDown = false;
  await until(() => links.linked().length === 2 && links.addresses().includes(far), (changed) => links.changes.add(changed));
  await links.stop();
});

/** Super-peers of this machine that say that they are in these zones. */
async function inZones(net: TestNetwork, ...zones: string[]): Promise<TestPeer[]> {
  return Promise.all(zones.map((zone, at) => net.peer(`super-${at}`, { role: 'super', zone })));
}

test('a leaf whose super-peers are in one zone takes one of another zone instead, and closes the link that it needs no more', async () => {
  await using net = network();
  const [one, two, three, elsewhere] = (await inZones(net, 'a', 'a', 'a', 'b')) as [TestPeer, TestPeer, TestPeer, TestPeer];
  const leaf = await net.peer('leaf', { role: 'leaf', supers: [one, two] });
  await until(() => leaf.node.supers().every((line) => line.shares === 'zone'), leaf.changes);
  expect(leaf.node.superPeers()).toHaveLength(2);
  leaf.node.setSupers([one, two, three, elsewhere].flatMap((peer) => peer.node.multiaddrs()));
  await until(() => leaf.node.superPeers().includes(elsewhere.id) && leaf.node.superPeers().length === 2 && leaf.node.links().length === 2, leaf.changes);
  expect(leaf.node.supers().filter((line) => line.isLinked).map((line) => line.shares)).toEqual([undefined, undefined]);
});

test('where there is one zone only a leaf stays with the two that it has', async () => {
  await using net = network();
  const supers = await inZones(net, 'a', 'a', 'a');
  const leaf = await net.peer('leaf', { role: 'leaf', supers });
  // The third is asked for its zone once, and is no better.
  await until(() => leaf.node.supers().every((line) => line.zone === 'a') && leaf.node.superPeers().length === 2 && leaf.node.links().length === 2, leaf.changes);
  expect(leaf.node.supers().filter((line) => line.isLinked).map((line) => line.shares)).toEqual(['zone', 'zone']);
});
