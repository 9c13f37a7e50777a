import { expect } from '@jest/globals';
import type { BlobLedger, Cid, HeldBlob } from '@souk/domain';
import { bytesOf, cidOf } from './bytes.ts';
import { declareSuite, type Cases, type Open } from './suite.ts';

/** A cid for each number. */
const cid = (number: number): Cid => cidOf(bytesOf(8, number + 1));
const cids = (blobs: readonly Pick<HeldBlob, 'cid'>[]): Cid[] => blobs.map((one) => one.cid);
const mark = { arrival: 7, hash: 'ab', rule: 'r' };
const none = { blobs: 0, bytes: 0 };

async function* listOf(...listed: readonly Cid[]): AsyncGenerator<Cid> {
  yield* listed;
}

const keepingCases: Cases<BlobLedger> = {
  'an empty ledger knows nothing': async (ledger) => {
    expect(ledger.usage()).toEqual({ pinned: none, cached: none, unnamed: none });
    expect(await ledger.get(cid(1))).toBeUndefined();
    expect(await ledger.mark()).toBeUndefined();
    expect(await ledger.leastUsed(10)).toEqual([]);
    expect(await ledger.published(undefined, 10)).toEqual([]);
  },
  'a blob is unnamed until records name it, cached when they merely do, pinned when it was published here or the policy keeps it': async (ledger) => {
    for (const number of [1, 2, 3, 4]) await ledger.put(cid(number), number * 100, 10);
    await ledger.name([{ cid: cid(1), as: 'known' }, { cid: cid(2), as: 'policy' }, { cid: cid(3), as: 'published' }], mark);
    expect(ledger.usage()).toEqual({ cached: { blobs: 1, bytes: 100 }, pinned: { blobs: 2, bytes: 500 }, unnamed: { blobs: 1, bytes: 400 } });
    expect(await ledger.get(cid(3))).toEqual({ cid: cid(3), size: 300, keeping: 'pinned', since: 10, used: 10 });
    expect(await ledger.mark()).toEqual(mark);
  },
  'what belongs on other peers of the site is cached and told apart, until a stronger word': async (ledger) => {
    await ledger.put(cid(1), 100, 10);
    await ledger.name([{ cid: cid(1), as: 'known' }, { cid: cid(2), as: 'elsewhere' }]);
    expect(await ledger.get(cid(1))).not.toHaveProperty('isElsewhere');
    await ledger.name([{ cid: cid(1), as: 'elsewhere' }]);
    expect(await ledger.get(cid(1))).toEqual({ cid: cid(1), size: 100, keeping: 'cached', since: 10, used: 10, isElsewhere: true });
    expect(await ledger.elsewhere(undefined, 10)).toEqual([{ cid: cid(1), isHere: true }, { cid: cid(2), isHere: false }].toSorted((a, b) => (a.cid < b.cid ? -1 : 1)));
    expect(await ledger.published(undefined, 10)).toEqual([]);
    await ledger.name([{ cid: cid(1), as: 'policy' }, { cid: cid(2), as: 'published' }]);
    expect(await ledger.get(cid(1))).toEqual({ cid: cid(1), size: 100, keeping: 'pinned', since: 10, used: 10 });
    expect(await ledger.elsewhere(undefined, 10)).toEqual([]);
  },
  'what was named before it came is kept as it was named': async (ledger) => {
    await ledger.name([{ cid: cid(1), as: 'published' }, { cid: cid(2), as: 'known' }]);
    await ledger.put(cid(1), 5, 1);
    await ledger.put(cid(2), 6, 1);
    expect(ledger.usage()).toEqual({ pinned: { blobs: 1, bytes: 5 }, cached: { blobs: 1, bytes: 6 }, unnamed: none });
  },
  'a pin is not taken back by a weaker word, and a stronger one counts': async (ledger) => {
    await ledger.put(cid(1), 1, 1);
    await ledger.name([{ cid: cid(1), as: 'known' }]);
    await ledger.name([{ cid: cid(1), as: 'published' }, { cid: cid(1), as: 'known' }, { cid: cid(1), as: 'policy' }]);
    expect((await ledger.get(cid(1)))?.keeping).toBe('pinned');
    expect(await ledger.published(undefined, 10)).toEqual([{ cid: cid(1), isHere: true }]);
  },
  'forgetting makes everything unnamed, without the mark, until it is told anew': async (ledger) => {
    await ledger.put(cid(1), 3, 1);
    await ledger.name([{ cid: cid(1), as: 'published' }], mark);
    await ledger.forget();
    expect(await ledger.mark()).toBeUndefined();
    expect(await ledger.published(undefined, 10)).toEqual([]);
    expect(ledger.usage()).toEqual({ pinned: none, cached: none, unnamed: { blobs: 1, bytes: 3 } });
    await ledger.name([{ cid: cid(1), as: 'known' }], { ...mark, arrival: 1 });
    expect(ledger.usage().cached).toEqual({ blobs: 1, bytes: 3 });
    expect(await ledger.mark()).toEqual({ ...mark, arrival: 1 });
  },
  'naming without a mark keeps the mark; thousands are named at once': async (ledger) => {
    await ledger.name([], mark);
    const many = Array.from({ length: 1500 }, (_, number) => cid(number));
    await ledger.name(many.map((one) => ({ cid: one, as: 'published' as const })));
    expect(await ledger.mark()).toEqual(mark);
    const pages = [await ledger.published(undefined, 1000)];
    pages.push(await ledger.published(pages[0]?.at(-1)?.cid, 1000));
    expect(cids(pages.flat())).toEqual([...new Set(many)].sort());
  },
  'a blob that is removed takes no more room; removing what is not here is harmless': async (ledger) => {
    await ledger.name([{ cid: cid(1), as: 'known' }]);
    await ledger.put(cid(1), 10, 1);
    await ledger.remove(cid(1));
    await ledger.remove(cid(1));
    expect(await ledger.get(cid(1))).toBeUndefined();
    expect(ledger.usage().cached).toEqual(none);
    await ledger.put(cid(1), 10, 2);
    expect((await ledger.get(cid(1)))?.keeping).toBe('cached');
  },
  'hundreds of blobs that come together are each as if it came alone': async (ledger) => {
    const many = [...new Set(Array.from({ length: 500 }, (_, number) => cid(number)))];
    const [first, second] = many as [Cid, Cid];
    await ledger.put(first, 7, 1);
    await ledger.name([{ cid: second, as: 'published' }]);
    await ledger.putAll(many.map((one) => ({ cid: one, size: 2 })), 5);
    expect(ledger.usage()).toEqual({ pinned: { blobs: 1, bytes: 2 }, cached: none, unnamed: { blobs: many.length - 1, bytes: 2 * (many.length - 1) } });
    expect(await ledger.get(first)).toEqual({ cid: first, size: 2, keeping: 'unnamed', since: 5, used: 5 });
    await ledger.putAll([], 6);
  },
  'a blob that is put again is counted once': async (ledger) => {
    await Promise.all([ledger.put(cid(1), 10, 1), ledger.put(cid(1), 10, 2), ledger.put(cid(1), 12, 3)]);
    expect(ledger.usage().unnamed).toEqual({ blobs: 1, bytes: 12 });
  },
};

const orderCases: Cases<BlobLedger> = {
  'cached blobs come in the order of their last use, pinned and unnamed ones never': async (ledger) => {
    await ledger.name([1, 2, 3].map((number) => ({ cid: cid(number), as: 'known' as const })));
    await ledger.name([{ cid: cid(4), as: 'published' }]);
    for (const number of [3, 2, 1, 4, 5]) await ledger.put(cid(number), 1, 10 - number);
    expect(cids(await ledger.leastUsed(10))).toEqual([cid(3), cid(2), cid(1)]);
    ledger.used(cid(3), 100);
    ledger.used(cid(2), 50);
    ledger.used(cid(9), 60);
    expect(cids(await ledger.leastUsed(10))).toEqual([cid(1), cid(2), cid(3)]);
    expect(cids(await ledger.leastUsed(2))).toEqual([cid(1), cid(2)]);
    expect((await ledger.get(cid(3)))?.used).toBe(100);
  },
  'a use is never earlier than one that was told before': async (ledger) => {
    await ledger.name([{ cid: cid(1), as: 'known' }]);
    await ledger.put(cid(1), 1, 10);
    ledger.used(cid(1), 30);
    ledger.used(cid(1), 20);
    expect((await ledger.leastUsed(1))[0]?.used).toBe(30);
    ledger.used(cid(1), 25);
    expect((await ledger.leastUsed(1))[0]?.used).toBe(30);
  },
  'unnamed blobs are found by how long they are here; one that is sent again begins anew': async (ledger) => {
    for (const number of [1, 2, 3]) await ledger.put(cid(number), 1, number);
    await ledger.name([{ cid: cid(1), as: 'known' }]);
    expect(cids(await ledger.unnamed(3, 10))).toEqual([cid(2)]);
    await ledger.put(cid(2), 1, 9);
    expect(await ledger.unnamed(3, 10)).toEqual([]);
    expect(cids(await ledger.unnamed(10, 10)).sort()).toEqual([cid(2), cid(3)].sort());
    expect(await ledger.unnamed(10, 1)).toHaveLength(1);
  },
  'a cached blob that is put again keeps its first time': async (ledger) => {
    await ledger.name([{ cid: cid(1), as: 'known' }]);
    await ledger.put(cid(1), 1, 1);
    await ledger.put(cid(1), 1, 5);
    expect(await ledger.get(cid(1))).toMatchObject({ since: 1, used: 5 });
  },
  'published blobs are told page by page, with whether they are here': async (ledger) => {
    const numbers = [1, 2, 3, 4, 5];
    await ledger.name(numbers.map((number) => ({ cid: cid(number), as: number === 5 ? ('policy' as const) : ('published' as const) })));
    await ledger.put(cid(2), 1, 1);
    const expected = [1, 2, 3, 4].map((number) => ({ cid: cid(number), isHere: number === 2 })).sort((a, b) => (a.cid < b.cid ? -1 : 1));
    expect(await ledger.published(undefined, 3)).toEqual(expected.slice(0, 3));
    expect(await ledger.published(expected[2]?.cid, 3)).toEqual(expected.slice(3));
  },
};

const levelCases: Cases<BlobLedger> = {
  'levelling adds what is here and removes what is not, and looks only where the two disagree': async (ledger) => {
    await ledger.name([{ cid: cid(1), as: 'published' }, { cid: cid(3), as: 'known' }]);
    await ledger.put(cid(1), 10, 1);
    await ledger.put(cid(2), 20, 1);
    const looked: Cid[] = [];
    const sizes = new Map([[cid(1), 11], [cid(3), 30], [cid(4), 40]]);
    const look = async (one: Cid): Promise<number | undefined> => {
      looked.push(one);
      return sizes.get(one);
    };
    expect(await ledger.level(listOf(...sizes.keys()), look, 5)).toEqual({ added: 2, removed: 1 });
    expect(looked.sort()).toEqual([cid(2), cid(3), cid(4)].sort());
    expect(ledger.usage()).toEqual({ pinned: { blobs: 1, bytes: 10 }, cached: { blobs: 1, bytes: 30 }, unnamed: { blobs: 1, bytes: 40 } });
    expect(await ledger.get(cid(4))).toMatchObject({ since: 5, used: 5 });
    expect(await ledger.level(listOf(...sizes.keys()), look, 6)).toEqual({ added: 0, removed: 0 });
  },
  'what comes and goes while the list is made stays right': async (ledger) => {
    const here = new Map([[cid(1), 1], [cid(2), 2]]);
    await ledger.put(cid(1), 1, 1);
    await ledger.put(cid(2), 2, 1);
    async function* changing(): AsyncGenerator<Cid> {
      yield cid(1);
      here.delete(cid(1));
      await ledger.remove(cid(1));
      yield cid(2);
      here.set(cid(3), 3);
      await ledger.put(cid(3), 3, 2);
    }
    expect(await ledger.level(changing(), async (one) => here.get(one), 9)).toEqual({ added: 0, removed: 0 });
    expect(ledger.usage().unnamed).toEqual({ blobs: 2, bytes: 5 });
  },
  'a thousand blobs are levelled': async (ledger) => {
    const many = [...new Set(Array.from({ length: 1000 }, (_, number) => cid(number)))];
    for (const one of many.slice(0, 300)) await ledger.put(one, 1, 1);
    expect(await ledger.level(listOf(...many), async () => 1, 2)).toEqual({ added: many.length - 300, removed: 0 });
    expect(await ledger.level(listOf(...many.slice(500)), async () => undefined, 3)).toEqual({ added: 0, removed: 500 });
  },
  'a closed ledger refuses everything but telling of uses': async (ledger) => {
    await ledger.close();
    await ledger.close();
    ledger.used(cid(1), 1);
    await expect(ledger.put(cid(1), 1, 1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(ledger.putAll([{ cid: cid(1), size: 1 }], 1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(ledger.leastUsed(1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(ledger.name([], mark)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(ledger.mark()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(ledger.level(listOf(), async () => 1, 1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  },
};

/** Declares the tests that every `BlobLedger` must pass. */
export function blobLedgerConformance(name: string, open: Open<BlobLedger>): void {
  declareSuite(name, open, { ...keepingCases, ...orderCases, ...levelCases });
}
