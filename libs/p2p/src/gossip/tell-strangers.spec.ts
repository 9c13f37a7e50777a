import { expect, test } from '@jest/globals';
import type { GossipSub } from '@libp2p/gossipsub';
import { strangers, tellStrangers } from './tell-strangers.ts';

const links = Array.from({ length: 40 }, (_, peer) => `peer ${peer}`);
const mesh = links.slice(0, 4);
const banned = links.slice(30);

interface Publisher {
  selectPeersToPublish(topic: string, floodPublish?: boolean): { readonly tosend: Set<string>; readonly tosendCount: { floodsub: number } };
}

const publisher = (): Publisher =>
  tellStrangers({
    getSubscribers: () => links,
    score: { score: (peer: string) => (banned.includes(peer) ? -1000 : 0) },
    selectPeersToPublish: (_topic: string, floodPublish = true) => ({ tosend: new Set(floodPublish ? links : mesh), tosendCount: { floodsub: 0 } }),
  } as unknown as GossipSub) as unknown as Publisher;

test('whoever writes a record tells its mesh and a few others, but nobody of bad score', () => {
  const told = [...publisher().selectPeersToPublish('topic').tosend];
  expect(told).toHaveLength(mesh.length + strangers);
  expect(told).toEqual(expect.arrayContaining(mesh));
  expect(told.filter((peer) => banned.includes(peer))).toEqual([]);
});

test('the others are not the same each time: a mesh that passes nothing on does not keep records from all', () => {
  const one = publisher();
  const told = new Set(Array.from({ length: 200 }, () => [...one.selectPeersToPublish('topic').tosend]).flat());
  // That one of 26 is never among the four that are drawn has a chance of 0.85 to the power of 200.
  expect(told.size).toBe(links.length - banned.length);
});
