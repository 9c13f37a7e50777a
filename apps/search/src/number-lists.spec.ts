import { expect, test } from '@jest/globals';
import { fc } from '@souk/testing/properties';
import { NumberLists } from './number-lists.ts';

test('counts what the lists hold, after any of them were taken away and given anew', () => {
  const change = fc.record({ doc: fc.nat(8), list: fc.array(fc.nat(20), { maxLength: 5 }) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const lists = new NumberLists();
      const held = new Map<number, readonly number[]>();
      for (const { doc, list } of changes) {
        expect([...lists.take(doc)]).toEqual([...(held.get(doc) ?? [])]);
        lists.set(doc, list);
        held.set(doc, list);
      }
      const counts = new Uint32Array(21);
      const seen = lists.count(Int32Array.from(held.keys()), counts);
      const all = [...held.values()].flat();
      expect([...counts]).toEqual(Array.from(counts, (_, number) => all.filter((one) => one === number).length));
      expect(seen.sort((a, b) => a - b)).toEqual([...new Set(all)].sort((a, b) => a - b));
    }),
  );
});

test('many changes of a few documents take no more room than those have', () => {
  const lists = new NumberLists();
  for (let round = 0; round < 5000; round++) {
    lists.take(2000);
    lists.set(2000, [1, 2, 3 + (round % 4)]);
  }
  const counts = new Uint32Array(7);
  expect(lists.count(Int32Array.of(2000), counts)).toEqual([1, 2, 6]);
  expect([...counts]).toEqual([0, 1, 1, 0, 0, 0, 1]);
});
