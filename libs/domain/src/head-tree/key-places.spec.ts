import { expect, test } from '@jest/globals';
import { LogWriter } from '@souk/testing';
import { KeyPlaces } from './key-places.ts';
import { positionOf } from './tree-node.ts';

const keys = Array.from({ length: 50 }, (_, index) => new LogWriter(`log ${index}`).key);

test('some logs stand below exactly the nodes that lead to them', () => {
  const places = new KeyPlaces(keys);
  for (const key of keys) {
    const position = positionOf(key);
    expect([0, 1, 2, 3, 64].map((length) => places.isUnder(position.slice(0, length)))).toEqual([true, true, true, true, true]);
  }
  const prefixes = Array.from({ length: 256 }, (_, index) => index.toString(16).padStart(2, '0'));
  expect(prefixes.filter((prefix) => places.isUnder(prefix))).toEqual([...new Set(keys.map((key) => positionOf(key).slice(0, 2)))].sort());
});

test('of no logs there is none anywhere', () => {
  const places = new KeyPlaces([]);
  expect(places.isUnder('')).toBe(false);
  expect(places.has(keys[0] as (typeof keys)[number])).toBe(false);
});
