import { expect } from '@jest/globals';
import { keyId, MemoryLogStore, seedFrom, signerOf, type LogStore, type OrderMark } from '@souk/domain';
import { chain, forked } from './log-words.ts';
import type { Cases } from './suite.ts';

const key = (name: string) => keyId(signerOf(seedFrom(name)).publicKey);

/** A store that has seen something of everything, long ago. */
async function origin(): Promise<MemoryLogStore> {
  let now = 1000;
  const logs = new MemoryLogStore({ now: () => (now += 1) });
  await logs.addWriters([key('bob')]);
  await logs.append(chain('ada', 2));
  await logs.append(chain('bob', 1));
  await logs.append([forked('ada').b1]);
  await logs.addWriters([key('ada')]);
  await logs.append(chain('bob', 3).slice(1));
  return logs;
}

/** Takes over everything, so many records at a time. */
async function follow(from: LogStore, to: LogStore, limit: number): Promise<OrderMark> {
  for (;;) {
    const before = await to.order();
    const slice = await from.slice(before, limit);
    if (slice.records.length + slice.writers.length + slice.forks.length === 0) return before;
    await to.takeOver(slice);
  }
}

/** What a store must do so that another one can have the same order of arrival. */
export const orderCases: Cases<LogStore> = {
  'an order is taken over in pieces: arrivals, first sight, writers and forks are the same': async (logs) => {
    const from = await origin();
    expect(await logs.order()).toEqual({ arrival: 0, hash: undefined, writers: 0, forks: 0 });
    expect(await follow(from, logs, 2)).toEqual(await from.order());
    expect(await logs.since(0, 10)).toEqual(await from.since(0, 10));
    expect(await logs.writers()).toEqual([key('bob'), key('ada')]);
    expect(await logs.forks(10)).toEqual(await from.forks(10));
    expect([await logs.hashAt(0), await logs.hashAt(1), await logs.hashAt(9)]).toEqual([undefined, (await from.since(0, 1))[0]?.record.hash, undefined]);
  },
  'and can be handed on': async (logs) => {
    const from = await origin();
    await follow(from, logs, 3);
    const third = new MemoryLogStore({ now: Date.now });
    expect(await follow(logs, third, 1)).toEqual(await from.order());
    expect(await third.since(0, 10)).toEqual(await from.since(0, 10));
    expect(await third.forks(10)).toEqual(await from.forks(10));
  },
  'forks come when there are no more records': async (logs) => {
    await follow(await origin(), logs, 10);
    const start = { arrival: 0, hash: undefined, writers: 0, forks: 0 };
    expect((await logs.slice(start, 2)).forks).toEqual([]);
    expect((await logs.slice(start, 10)).forks).toEqual([forked('ada').b1]);
  },
  'nothing is taken over that begins elsewhere, also when it came before': async (logs) => {
    const from = await origin();
    const slice = await from.slice(await logs.order(), 3);
    const mark = await logs.takeOver(slice);
    expect(mark.arrival).toBe(3);
    expect(await logs.takeOver(slice)).toEqual(mark);
    await logs.append(chain('cy', 1));
    const other = await from.slice(mark, 1);
    expect(await logs.takeOver(other)).toEqual(await logs.order());
    expect((await logs.order()).arrival).toBe(4);
  },
  'what does not continue the logs is refused as a whole': async (logs) => {
    const before = await logs.order();
    const [a0, a1] = chain('ada', 2);
    const stored = [a0, a1].map((record, index) => ({ record, arrival: index + 1, firstSeen: 1 }));
    await expect(logs.takeOver({ after: before, records: stored.slice(1), writers: [key('bob')], forks: [] })).rejects.toMatchObject({ code: 'STALE_HEAD' });
    await expect(logs.takeOver({ after: before, records: stored, writers: [], forks: [a1] })).rejects.toMatchObject({ code: 'STALE_HEAD' });
    expect(await logs.order()).toEqual(before);
    expect(await logs.writers()).toEqual([]);
    await logs.addWriters([key('bob')]);
    const after = await logs.order();
    await expect(logs.takeOver({ after, records: stored, writers: [key('bob')], forks: [] })).rejects.toMatchObject({ code: 'STALE_HEAD' });
    expect(await logs.order()).toEqual(after);
  },
};
