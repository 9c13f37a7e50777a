import { expect, test } from '@jest/globals';
import { peerIdOf, seedFrom, signerOf } from '@souk/domain';
import { SuperBook } from './super-book.ts';

const address = (name: string): string => `/ip4/192.0.2.1/tcp/7686/p2p/${peerIdOf(signerOf(seedFrom(name)).publicKey)}`;
const book = (named: readonly string[], heard: (readonly string[])[] = [], isChartered = () => false): SuperBook => new SuperBook({ self: peerIdOf(signerOf(seedFrom('self')).publicKey), wanted: 2, addresses: named, isChartered, changed: (now) => heard.push(now) });

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
  const one = new SuperBook({ self: '', wanted: 100, addresses: [], isChartered: () => false, changed: () => undefined });
  one.tell(['nonsense', '/ip4/192.0.2.1/tcp/1', '/p2p/', ...Array.from({ length: 1000 }, (_, at) => address(`sybil-${at}`))]);
  expect(one.addresses()).toHaveLength(16);
  const own = book([]);
  own.tell([address('self')]);
  expect(own.addresses()).toEqual([]);
});

test('a charter leaves no room for those that were told of, before it came or after', () => {
  let hasCharter = false;
  const heard: (readonly string[])[] = [];
  const one = book([], heard, () => hasCharter);
  one.tell([address('sybil')]);
  expect(one.addresses()).toEqual([address('sybil')]);
  hasCharter = true;
  one.name([address('a')]);
  one.tell([address('another sybil')]);
  expect([one.addresses(), heard.at(-1)]).toEqual([[address('a')], [address('a')]]);
  hasCharter = false;
  expect(one.addresses()).toEqual([address('a')]);
});

test('one that was told of and can not be dialled lets others go first, and makes room where there is none', () => {
  const one = book([address('named')]);
  const dead = Array.from({ length: 16 }, (_, at) => address(`dead-${at}`));
  one.tell(dead);
  one.tell([address('honest')]);
  expect(one.addresses()).toEqual([address('named'), dead[0]]);
  for (const failures of [1, 2, 3]) one.dialled(dead[0] as string, failures);
  expect(one.addresses()).toEqual([address('named'), dead[1]]);
  one.tell([address('honest')]);
  for (const failures of [1, 2, 3]) for (const other of dead.slice(1)) one.dialled(other, failures);
  expect(one.addresses()).toEqual([address('named'), address('honest')]);
  for (const failures of [1, 2, 3]) one.dialled(address('honest'), failures);
  one.dialled(dead[5] as string, 0);
  expect(one.addresses()).toEqual([address('named'), dead[5]]);
});
