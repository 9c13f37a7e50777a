import { expect, test } from '@jest/globals';
import { peerIdOf, seedFrom, signerOf } from '@souk/domain';
import { SuperBook } from './super-book.ts';

const address = (name: string): string => `/ip4/192.0.2.1/tcp/7686/p2p/${peerIdOf(signerOf(seedFrom(name)).publicKey)}`;
const book = (named: readonly string[], heard: (readonly string[])[] = []): SuperBook => new SuperBook({ self: peerIdOf(signerOf(seedFrom('self')).publicKey), wanted: 2, addresses: named, changed: (now) => heard.push(now) });

test('what super-peers tell of others counts while those that were named are too few', () => {
  const heard: (readonly string[])[] = [];
  const one = book([address('a')], heard);
  one.tell([address('a'), address('b'), address('c')]);
  expect(one.addresses()).toEqual([address('a'), address('b')]);
  one.name([address('a'), address('d')]);
  expect(one.addresses()).toEqual([address('a'), address('d')]);
  expect(heard).toEqual([[address('a'), address('b')], [address('a'), address('d')]]);
});

test('of a super-peer that tells a thousand addresses at most sixteen are kept, and nothing that is no address of another peer', () => {
  const one = new SuperBook({ self: '', wanted: 100, addresses: [], changed: () => undefined });
  one.tell(['nonsense', '/ip4/192.0.2.1/tcp/1', '/p2p/', ...Array.from({ length: 1000 }, (_, at) => address(`sybil-${at}`))]);
  expect(one.addresses()).toHaveLength(16);
  const own = book([]);
  own.tell([address('self')]);
  expect(own.addresses()).toEqual([]);
});
