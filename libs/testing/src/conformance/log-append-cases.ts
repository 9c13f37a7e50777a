import { expect } from '@jest/globals';
import { toHex, type LogStore } from '@souk/domain';
import { LogWriter } from '../builders/index.ts';
import type { Cases } from './suite.ts';
import { chain, codeOf, forked } from './log-words.ts';

/** What an append must do when the records continue what is held, or do not. */
export const appendCases: Cases<LogStore> = {
  'an append returns what was new with arrivals from 1': async (logs) => {
    const [one, two] = chain('ada', 2);
    const appended = await logs.append([one, two]);
    expect(appended.added.map(({ arrival }) => arrival)).toEqual([1, 2]);
    expect(appended.added.map(({ record }) => record)).toEqual([one, two]);
    expect(appended.forks).toEqual([]);
    expect(await logs.head(one.key)).toEqual({ key: one.key, seq: 1, hash: two.hash });
  },
  'an empty append adds nothing': async (logs) => {
    expect(await logs.append([])).toEqual({ added: [], forks: [] });
    expect(await logs.size()).toEqual({ logs: 0, records: 0, arrival: 0 });
  },
  'records of several keys arrive in the order given': async (logs) => {
    const [a0, a1] = chain('ada', 2);
    const [b0, b1] = chain('bob', 2);
    await logs.append([b0, a0, a1, b1]);
    expect((await logs.since(0, 10)).map(({ record }) => toHex(record.hash))).toEqual([b0, a0, a1, b1].map((one) => toHex(one.hash)));
  },
  'held records are skipped and use no arrival': async (logs) => {
    const [one, two, three] = chain('ada', 3);
    await logs.append([one, two]);
    const again = await logs.append([one, two, three]);
    expect(again.added.map(({ arrival, record }) => [arrival, record.fields.seq])).toEqual([[3, 2]]);
    expect((await logs.append([one])).added).toEqual([]);
    expect(await logs.size()).toEqual({ logs: 1, records: 3, arrival: 3 });
  },
  'a record twice in one append is added once': async (logs) => {
    const [one] = chain('ada', 1);
    expect((await logs.append([one, one])).added).toHaveLength(1);
  },
  'a gap is refused with the held head': async (logs) => {
    const [one, , three] = chain('ada', 3);
    await logs.append([one]);
    await expect(logs.append([three])).rejects.toMatchObject({ code: 'STALE_HEAD', details: { key: one.key, seq: 0, hash: toHex(one.hash) } });
  },
  'an unknown log must begin at 0; the refusal says seq -1 and no hash': async (logs) => {
    const [one, two] = chain('ada', 2);
    await expect(logs.append([two])).rejects.toMatchObject({ code: 'STALE_HEAD', details: { key: one.key, seq: -1, hash: null } });
    expect(await logs.head(one.key)).toBeUndefined();
  },
  'a wrong prev is refused': async (logs) => {
    const [one] = chain('ada', 1);
    const { b1, b2 } = forked('ada');
    await logs.append([one, ...chain('ada', 2).slice(1)]);
    expect(b1.fields.seq).toBe(1);
    await expect(logs.append([b2])).rejects.toMatchObject({ code: 'STALE_HEAD', details: { seq: 1 } });
  },
  'an append that is refused adds nothing of any key, and its head is the one that was held': async (logs) => {
    const [a0, a1] = chain('ada', 2);
    const [b0, , b2] = chain('bob', 3);
    await logs.append([a0]);
    await expect(logs.append([a1, b0, b2])).rejects.toMatchObject({ code: 'STALE_HEAD', details: { key: b0.key, seq: -1 } });
    expect(await logs.size()).toEqual({ logs: 1, records: 1, arrival: 1 });
    expect(await logs.head(b0.key)).toBeUndefined();
    expect((await logs.append([a1])).added[0]?.arrival).toBe(2);
  },
  'of appends at the same time each is judged on the state that those before it left': async (logs) => {
    const [one, two] = chain('ada', 2);
    const { b1 } = forked('ada');
    const [first, second, third, fourth] = await Promise.allSettled([logs.append([one]), logs.append([two]), logs.append([b1]), logs.append([two])]);
    expect(first).toMatchObject({ status: 'fulfilled', value: { added: [{ arrival: 1 }] } });
    expect(second).toMatchObject({ status: 'fulfilled', value: { added: [{ arrival: 2 }] } });
    expect(third).toMatchObject({ status: 'fulfilled', value: { added: [], forks: [{ seq: 1 }] } });
    expect(fourth).toMatchObject({ status: 'fulfilled', value: { added: [] } });
  },
  'a refused append does not spoil those that came with it': async (logs) => {
    const [a0, a1] = chain('ada', 2);
    const [, b1] = chain('bob', 2);
    const outcomes = await Promise.allSettled([logs.append([a0]), logs.append([b1]), logs.append([a1])]);
    expect(outcomes.map((one) => (one.status === 'rejected' ? codeOf(one.reason) : 'added'))).toEqual(['added', 'STALE_HEAD', 'added']);
    expect((await logs.since(0, 10)).map(({ arrival }) => arrival)).toEqual([1, 2]);
  },
  'records without a body, with an empty body and of unknown kinds are kept as they are': async (logs) => {
    const writer = new LogWriter('ada');
    const { body: _left, ...bodiless } = writer.writeBytes('later-kind', Uint8Array.of(0xa0), { mood: 'new' });
    const empty = writer.writeBytes('odd', new Uint8Array(0));
    await logs.append([bodiless, empty]);
    const kept = (await logs.read(writer.key, 0, 10)).map(({ record }) => record);
    expect(kept).toEqual([bodiless, empty]);
    expect(kept[0]).not.toHaveProperty('body');
    expect(kept[1]?.body).toEqual(new Uint8Array(0));
  },
};
