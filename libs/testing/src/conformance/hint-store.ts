import { expect } from '@jest/globals';
import type { Hint, HintStore } from '@souk/domain';
import { epoch } from '../builders/index.ts';
import { bytesOf, cidOf } from './bytes.ts';
import { declareSuite, type Cases, type Open } from './suite.ts';

/** Limits that the stores of the suite are opened with. */
export const suiteHintLimits = { cids: 3, ms: 1000 };

const cid = (number: number): ReturnType<typeof cidOf> => cidOf(bytesOf(number));
const hint = (name: string): Hint => ({ peer: `peer-${name}`, addresses: [`/ip4/192.0.2.${name.charCodeAt(0)}/tcp/1`] });

const cases: Cases<HintStore> = {
  'what was put last comes back, of cids that are known': async (store) => {
    await store.put(cid(1), [hint('a')], epoch);
    await store.put(cid(1), [hint('b'), hint('c')], epoch + 1);
    expect(await store.get(cid(1), epoch + 2)).toEqual([hint('b'), hint('c')]);
    expect(await store.get(cid(2), epoch + 2)).toEqual([]);
  },
  'a hint beyond its age is none, and its age begins when it is put': async (store) => {
    await store.put(cid(1), [hint('a')], epoch);
    expect(await store.get(cid(1), epoch + 1000)).toEqual([hint('a')]);
    expect(await store.get(cid(1), epoch + 1001)).toEqual([]);
    await store.put(cid(1), [hint('a')], epoch + 1001);
    await store.drop(cid(1), 'peer-x');
    expect(await store.get(cid(1), epoch + 2001)).toEqual([hint('a')]);
  },
  'a dropped hint is gone, the others of its cid stay; so is a cid without hints': async (store) => {
    await store.put(cid(1), [hint('a'), hint('b')], epoch);
    await store.drop(cid(1), 'peer-a');
    await store.drop(cid(2), 'peer-a');
    expect(await store.get(cid(1), epoch)).toEqual([hint('b')]);
    await store.drop(cid(1), 'peer-b');
    await store.put(cid(2), [hint('a')], epoch);
    await store.put(cid(2), [], epoch);
    expect([await store.get(cid(1), epoch), await store.get(cid(2), epoch)]).toEqual([[], []]);
  },
  'beyond the limit those put longest ago give way': async (store) => {
    for (const number of [1, 2, 3]) await store.put(cid(number), [hint('a')], epoch);
    await store.put(cid(1), [hint('b')], epoch + 1);
    await store.put(cid(4), [hint('a')], epoch + 2);
    const known = await Promise.all([1, 2, 3, 4].map(async (number) => (await store.get(cid(number), epoch + 3)).length));
    expect(known).toEqual([1, 0, 1, 1]);
  },
  'what was asked for outlives what was only put, but not for ever': async (store) => {
    for (const number of [1, 2, 3]) await store.put(cid(number), [hint('a')], epoch);
    await store.get(cid(1), epoch);
    await store.put(cid(4), [hint('a')], epoch);
    const known = async (...numbers: number[]): Promise<number[]> => Promise.all(numbers.map(async (number) => (await store.get(cid(number), epoch)).length));
    expect(await known(2)).toEqual([0]);
    for (const number of [5, 6, 7]) await store.put(cid(number), [hint('a')], epoch);
    expect(await known(1, 3, 4, 5, 6, 7)).toEqual([0, 0, 0, 1, 1, 1]);
  },
  'a closed store refuses everything': async (store) => {
    await store.close();
    await store.close();
    await expect(store.get(cid(1), epoch)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(store.put(cid(1), [hint('a')], epoch)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  },
};

/** Declares the tests that every `HintStore` must pass, opened with `suiteHintLimits`. */
export function hintStoreConformance(name: string, open: Open<HintStore>): void {
  declareSuite(name, open, cases);
}
