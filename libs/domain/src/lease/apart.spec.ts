import { expect, test } from '@jest/globals';
import { apart, mostSharing, sharedBy, type Place } from './apart.ts';

const at = (ip: string, zone?: string): Place => ({ address: `/ip4/${ip}/tcp/1`, ...(zone === undefined ? {} : { zone }) });

test.each([
  [at('203.0.113.1'), at('203.0.7.9'), 'addresses'],
  [at('203.0.113.1'), at('203.1.113.1'), undefined],
  [at('203.0.113.1', 'a'), at('198.51.100.1', 'a'), 'zone'],
  [at('203.0.113.1', 'a'), at('203.0.7.9', 'b'), 'addresses'],
  [at('10.0.0.1', 'a'), at('10.0.0.2', 'b'), undefined],
  [at('10.0.0.1', 'a'), at('10.0.0.2'), 'addresses'],
  [at('127.0.0.1'), at('127.0.0.1'), 'addresses'],
  [{ address: '/ip6/2001:db8:7::1/tcp/1' }, { address: '/ip6/2001:db8:7:9::1/tcp/1' }, 'addresses'],
  [{ address: '/ip6/2001:db8:7::1/tcp/1' }, { address: '/ip6/2001:db8:8::1/tcp/1' }, undefined],
  [{ address: '/dns4/a.example.org/tcp/1' }, { address: '/dns4/b.example.org/tcp/1' }, undefined],
])('%j and %j share %s', (a, b, what) => {
  expect(sharedBy(a, b)).toBe(what);
  expect(sharedBy(b, a)).toBe(what);
});

test('the one that shares most is named, the last of equals, and nobody where nothing is shared', () => {
  const places = (...all: Place[]): Map<string, Place> => new Map(all.map((place, n) => [`${n}`, place]));
  expect(mostSharing(places(at('203.0.1.1'), at('198.51.1.1')))).toBeUndefined();
  expect(mostSharing(places(at('203.0.1.1'), at('203.0.2.1')))).toBe('1');
  expect(mostSharing(places(at('10.0.0.1', 'a'), at('10.0.0.2', 'b'), at('10.0.0.3', 'a'), at('10.0.0.4', 'b'), at('10.0.0.5', 'b')))).toBe('4');
});

test('those that share nothing are tried first, those that share something last, and none is left out', () => {
  const all = [at('203.0.1.1'), at('203.0.2.1'), at('198.51.1.1'), at('198.51.2.1'), at('192.0.2.1')];
  expect(apart(all, [], 2)).toEqual([all[0], all[2], all[4], all[1], all[3]]);
  expect(apart(all, [at('203.0.9.9'), at('198.51.9.9')], 1)).toEqual([all[4], all[0], all[1], all[2], all[3]]);
});
