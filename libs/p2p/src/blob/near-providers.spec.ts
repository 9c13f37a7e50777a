import { expect, test } from '@jest/globals';
import { network, seededBytes, type TestPeer } from '@souk/testing';
import { better } from './provider.ts';

const template = seededBytes('template', 500);

test('reputation goes before the zone, and the zone before how quickly somebody answered', () => {
  const [trusted, near, quick, slow] = [
    { peer: 'trusted', score: 0.9, latencyMs: 500 },
    { peer: 'near', score: 0.5, latencyMs: Infinity, isNear: true },
    { peer: 'quick', score: 0.52, latencyMs: 1 },
    { peer: 'slow', score: 0.5, latencyMs: 100, isNear: false },
  ];
  expect([slow, quick, near, trusted].toSorted(better)).toEqual([trusted, near, quick, slow]);
});

test('a blob comes from the provider in the same zone, by the super-peer and by what is cached of its answer', async () => {
  await using net = network({ limits: { providersPerFetch: 1, hedgeMs: 60_000 } });
  const superPeer = await net.peer('super', { role: 'super' });
  const inZone = (name: string, zone: string): Promise<TestPeer> => net.peer(name, { role: 'leaf', supers: [superPeer], zone });
  const holders = await Promise.all(['east', 'east', 'west', 'east', 'east'].map((zone, at) => inZone(`${zone} ${at}`, zone)));
  const west = holders[2] as TestPeer;
  const facts = await west.keeps(template);
  for (const holder of holders) {
    if (holder !== west) await holder.keeps(template);
    void holder.node.provide([facts.cid]);
  }
  await superPeer.indexes(6, 5);
  const reader = await inZone('reader', 'west');
  await reader.hasSupers(1);
  expect((await reader.node.lookup(facts.cid)).providers[0]).toBe(west.id);
  const cached = await reader.node.lookup(facts.cid);
  expect(cached.providers[0]).toBe(west.id);
  expect(await reader.fetches(facts)).toMatchObject({ providers: [west.id] });
});
