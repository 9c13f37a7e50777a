import { expect } from '@jest/globals';
import type { KeptSummary, SummaryStore } from '@souk/domain';
import { declareSuite, type Cases, type Open } from './suite.ts';

const kept = (name: string, arrival: number, nth = 0, text: string | undefined = `{"name":"${name}"}`): KeptSummary => ({ name, arrival, nth, ...(text === undefined ? {} : { text }) });
const gone = (name: string, arrival: number): KeptSummary => ({ name, arrival, nth: 0 });

const cases: Cases<SummaryStore> = {
  'an empty store has no mark and no summaries': async (store) => {
    expect(await store.mark()).toBeUndefined();
    expect(await store.from(0, 0, 10)).toEqual([]);
  },
  'summaries come in the order of their places, from a place on, as many as asked for': async (store) => {
    expect(await store.advance({ before: undefined, after: 'one', put: [kept('c', 7), kept('b', 3, 1), gone('a', 9), kept('d', 3, 0)], again: [] })).toBe(true);
    expect(await store.mark()).toBe('one');
    expect(await store.from(0, 0, 10)).toEqual([kept('d', 3, 0), kept('b', 3, 1), kept('c', 7), gone('a', 9)]);
    expect(await store.from(3, 1, 2)).toEqual([kept('b', 3, 1), kept('c', 7)]);
    expect(await store.from(3, 2, 1)).toEqual([kept('c', 7)]);
    expect(await store.from(10, 0, 10)).toEqual([]);
  },
  'a package that is told again is told at its new place only': async (store) => {
    await store.advance({ before: undefined, after: 'one', put: [kept('a', 1), kept('b', 2)], again: [] });
    await store.advance({ before: 'one', after: 'two', put: [kept('a', 3, 0, '{"version":"2"}')], again: [] });
    expect(await store.from(0, 0, 10)).toEqual([kept('b', 2), kept('a', 3, 0, '{"version":"2"}')]);
  },
  'what is told of a package changes at its place; one that is not kept is skipped': async (store) => {
    await store.advance({ before: undefined, after: 'one', put: [kept('a', 1), kept('b', 2), gone('c', 3)], again: [] });
    await store.advance({ before: 'one', after: 'two', put: [], again: [{ name: 'a' }, { name: 'c', text: '{}' }, { name: 'never', text: '{}' }] });
    expect(await store.from(0, 0, 10)).toEqual([gone('a', 1), kept('b', 2), kept('c', 3, 0, '{}')]);
  },
  'a step from another mark changes nothing': async (store) => {
    await store.advance({ before: undefined, after: 'one', put: [kept('a', 1)], again: [] });
    for (const before of [undefined, 'zero']) expect(await store.advance({ before, after: 'two', put: [kept('a', 9), kept('b', 9)], again: [{ name: 'a' }] })).toBe(false);
    expect([await store.mark(), await store.from(0, 0, 10)]).toEqual(['one', [kept('a', 1)]]);
  },
  'a store that was cleared begins again': async (store) => {
    await store.advance({ before: undefined, after: 'one', put: [kept('a', 1)], again: [] });
    await store.clear();
    expect([await store.mark(), await store.from(0, 0, 10)]).toEqual([undefined, []]);
    expect(await store.advance({ before: undefined, after: 'other', put: [kept('b', 1)], again: [] })).toBe(true);
    expect(await store.from(0, 0, 10)).toEqual([kept('b', 1)]);
  },
  'a closed store refuses everything': async (store) => {
    await store.close();
    await store.close();
    await expect(store.mark()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(store.from(0, 0, 1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(store.advance({ before: undefined, after: 'one', put: [], again: [] })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  },
};

/** Declares the tests that every `SummaryStore` must pass. */
export function summaryStoreConformance(name: string, open: Open<SummaryStore>): void {
  declareSuite(name, open, cases);
}
