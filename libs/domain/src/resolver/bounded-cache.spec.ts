import { expect, test } from '@jest/globals';
import { BoundedCache } from './bounded-cache.ts';

test('computes once and forgets what was not used for longest', () => {
  const cache = new BoundedCache<string, string>(2);
  const computed: string[] = [];
  const get = (key: string) =>
    cache.get(key, (one) => {
      computed.push(one);
      return one.toUpperCase();
    });
  expect(['a', 'b', 'a', 'c', 'a', 'b'].map(get)).toEqual(['A', 'B', 'A', 'C', 'A', 'B']);
  expect(computed).toEqual(['a', 'b', 'c', 'b']);
});

test('keeps false as a value', () => {
  const cache = new BoundedCache<string, boolean>(1);
  expect(cache.get('a', () => false)).toBe(false);
  expect(cache.get('a', () => true)).toBe(false);
});
