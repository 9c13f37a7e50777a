import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { PeerId, PeerInfo } from '@libp2p/interface';
import type { KadDHT } from '@libp2p/kad-dht';
import { multiaddr } from '@multiformats/multiaddr';
import { seedFrom } from '@souk/domain';
import { createLibp2pNode, type FullLibp2p } from '../node/create-libp2p-node.ts';
import { fullPeerLimits, patientLimits, type PeerLimits } from '../node/peer-limits.ts';
import { stopLibp2p } from '../node/stop-libp2p.ts';

/** What tests see of the inside of kad-dht. */
interface Inside extends KadDHT {
  addEventListener(event: 'peer', listener: (event: CustomEvent<PeerInfo>) => void): void;
  readonly routingTable: {
    readonly size: number;
    readonly closestPeerTagger: { readonly newPeers?: { readonly length: number }; updatePeerTags(): Promise<void> };
    add(peer: PeerId): Promise<void>;
    addEventListener(event: 'peer:add', listener: () => void): void;
  };
}

interface Node extends AsyncDisposable {
  readonly libp2p: FullLibp2p;
  readonly dht: Inside;
}

async function nodeOf(name: string, limits: Partial<PeerLimits> = {}): Promise<Node> {
  const libp2p = await createLibp2pNode({ seed: seedFrom(name), networkKey: seedFrom('network'), listen: ['/ip4/127.0.0.1/tcp/0'], announce: [], limits: { ...fullPeerLimits, ...patientLimits(20), ...limits }, rank: () => 0.5, admit: () => true });
  const dht = libp2p.services.dht as Inside;
  await libp2p.start();
  return { libp2p, dht, [Symbol.asyncDispose]: () => stopLibp2p(libp2p) };
}

const addressOf = ({ libp2p }: Node): ReturnType<typeof multiaddr> => multiaddr(String(libp2p.getMultiaddrs()[0]));

/** Links a node to another; resolves when both have each other in their tables. */
async function link(from: Node, to: Node): Promise<void> {
  const known = [from, to].map(({ dht }) => new Promise<void>((resolve) => dht.routingTable.addEventListener('peer:add', resolve)));
  await from.libp2p.dial(addressOf(to));
  await Promise.all(known);
}

/** How often each peer is told of by a node's DHT, until it has looked for those near to itself so many times. */
async function toldOf({ libp2p, dht }: Node, walks: number, to: Node): Promise<ReadonlyMap<string, number>> {
  const told = new Map<string, number>();
  dht.addEventListener('peer', ({ detail }) => void told.set(detail.id.toString(), (told.get(detail.id.toString()) ?? 0) + 1));
  await libp2p.dial(addressOf(to));
  for (let walk = 0; walk < walks; walk += 1) await once(libp2p as unknown as EventTarget, 'kad-dht:query:self');
  return told;
}

test('a peer that each answer names is looked at once in a while, not each time', async () => {
  await using server = await nodeOf('server');
  await using named = await nodeOf('named');
  await link(server, named);
  await using seldom = await nodeOf('seldom', { selfQueryMs: 20 });
  expect((await toldOf(seldom, 5, server)).get(named.libp2p.peerId.toString())).toBe(1);
  await using always = await nodeOf('always', { selfQueryMs: 20, noticeMs: 0 });
  expect((await toldOf(always, 5, server)).get(named.libp2p.peerId.toString())).toBeGreaterThanOrEqual(3);
});

test('a peer is dialled only to know whether it is there while there are few links', async () => {
  await using other = await nodeOf('other');
  await using crowded = await nodeOf('crowded', { tableLinks: 0 });
  await using lonely = await nodeOf('lonely', { tableLinks: 1 });
  for (const { libp2p, dht } of [crowded, lonely]) {
    await libp2p.peerStore.merge(other.libp2p.peerId, { multiaddrs: [addressOf(other)] });
    await dht.routingTable.add(other.libp2p.peerId);
  }
  expect([crowded, lonely].map(({ libp2p, dht }) => [libp2p.getConnections().length, dht.routingTable.size])).toEqual([
    [0, 0],
    [1, 1],
  ]);
});

test('whoever is linked comes into the table, however many links there are', async () => {
  await using other = await nodeOf('other');
  await using crowded = await nodeOf('crowded', { tableLinks: 0 });
  await link(crowded, other);
  expect(crowded.dht.routingTable.size).toBe(1);
});

test('the DHT marks nobody to be dialled again as soon as a link is gone', async () => {
  await using near = await nodeOf('near');
  await using node = await nodeOf('node');
  await link(node, near);
  const { closestPeerTagger } = node.dht.routingTable;
  while (closestPeerTagger.newPeers?.length === 0) await nextTurn();
  await closestPeerTagger.updatePeerTags();
  const { tags } = await node.libp2p.peerStore.get(near.libp2p.peerId);
  expect([...tags.keys()]).toEqual(['kad-peer']);
});
