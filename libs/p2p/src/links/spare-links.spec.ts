import { expect, test } from '@jest/globals';
import { network } from '@souk/testing';
import { spareLinks, type LinkUse } from './spare-links.ts';

const link = (peer: string, openedAt: number, how: Partial<LinkUse> = {}): LinkUse => ({ peer, openedAt, isOwn: true, isUsed: false, ...how });
const own = [link('a', 1), link('b', 2), link('c', 3), link('d', 4)];
const roomy = { keep: 2, own: 0, crowded: 10 };

test('as many of the newest links as are too many are spare, and none while there are few', () => {
  expect(spareLinks(own, roomy)).toEqual(['d', 'c']);
  expect(spareLinks(own.slice(0, 2), roomy)).toEqual([]);
});

test('a link that is used is not spare, however many there are', () => {
  expect(spareLinks(own.map((one) => ({ ...one, isUsed: one.peer !== 'b' })), { keep: 0, own: 0, crowded: 0 })).toEqual(['b']);
});

test('of its own links a peer keeps as many as it seeks, however many others opened', () => {
  expect(spareLinks([...own, link('x', 5, { isOwn: false })], { ...roomy, own: 3 })).toEqual(['d']);
});

test('links that others opened are spare only where they crowd out newcomers, and after those of this side', () => {
  const theirs = ['x', 'y', 'z'].map((peer, index) => link(peer, 10 + index, { isOwn: false }));
  expect(spareLinks([...own, ...theirs], roomy)).toEqual(['d', 'c', 'b', 'a']);
  expect(spareLinks([...own, ...theirs], { keep: 2, own: 0, crowded: 2 })).toEqual(['d', 'c', 'b', 'a', 'z']);
});

// A leaf may dial again at once, to ask for super-peers: each hang-up is awaited by itself.
test('a full peer hangs up links that it opened and nobody uses, and lets those be that others opened', async () => {
  await using net = network();
  const leaves = await Promise.all(Array.from({ length: 6 }, (_, number) => net.peer(`leaf-${number}`, { role: 'leaf', limits: { neighbours: 0 } })));
  const full = await net.peer('full', { limits: { links: 2, spareMs: 20, neighbours: 0 } });
  const [first, second, ...others] = leaves;
  await first?.node.dial(full.node.multiaddrs()[0] as string);
  await second?.node.dial(full.node.multiaddrs()[0] as string);
  const hungUp = others.map((other) => full.linkedTo(other).then(() => full.cutFrom(other)));
  for (const other of others) await full.node.dial(other.node.multiaddrs()[0] as string);
  await Promise.all(hungUp);
  await full.linkedTo(first as never, second as never);
});
