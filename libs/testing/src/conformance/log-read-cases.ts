import { expect } from '@jest/globals';
import { keyId, type LogStore } from '@souk/domain';
import { author, LogWriter } from '../builders/index.ts';
import { chain } from './log-words.ts';
import type { Cases } from './suite.ts';

const nobody = new LogWriter('nobody').key;

/** What a store must answer. */
export const readCases: Cases<LogStore> = {
  'an empty store has nothing': async (logs) => {
    expect(await logs.head(nobody)).toBeUndefined();
    expect(await logs.heads(undefined, 10)).toEqual([]);
    expect(await logs.read(nobody, 0, 10)).toEqual([]);
    expect(await logs.since(0, 10)).toEqual([]);
    expect(await logs.about('package:x', 0, 10)).toEqual([]);
    expect(await logs.subjects('', undefined, 10)).toEqual([]);
    expect(await logs.forks(10)).toEqual([]);
    expect(await logs.fork(nobody)).toBeUndefined();
  },
  'a log is read from any seq, in order, at most as much as asked for': async (logs) => {
    const records = chain('ada', 5);
    const { key } = records[0];
    await logs.append(records);
    await logs.append(chain('bob', 2));
    const seqs = async (from: number, limit: number): Promise<number[]> => (await logs.read(key, from, limit)).map(({ record }) => record.fields.seq);
    expect(await seqs(0, 10)).toEqual([0, 1, 2, 3, 4]);
    expect(await seqs(2, 2)).toEqual([2, 3]);
    expect(await seqs(5, 10)).toEqual([]);
    expect(await seqs(0, 0)).toEqual([]);
    expect((await logs.read(key, 0, 10)).map(({ record }) => record)).toEqual(records);
  },
  'arrivals are read on from a cursor': async (logs) => {
    const [a0, a1] = chain('ada', 2);
    const [b0] = chain('bob', 1);
    await logs.append([a0]);
    await logs.append([b0]);
    await logs.append([a1]);
    const keys = async (after: number, limit: number): Promise<string[]> => (await logs.since(after, limit)).map(({ record }) => record.key);
    expect(await keys(0, 2)).toEqual([a0.key, b0.key]);
    expect(await keys(2, 2)).toEqual([a1.key]);
    expect(await keys(3, 2)).toEqual([]);
  },
  'what arrived is read by name too: the same records in the same order': async (logs) => {
    await logs.append(chain('ada', 3));
    await logs.append(chain('bob', 2));
    const named = (await logs.since(1, 3)).map(({ record, arrival }) => ({ key: record.key, seq: record.fields.seq, hash: record.hash, arrival }));
    expect(named).toHaveLength(3);
    expect(await logs.headsSince(1, 3)).toEqual(named);
    expect(await logs.headsSince(5, 3)).toEqual([]);
  },
  'what arrived is read by subject: each at its newest place, also when that body was erased, and records without one': async (logs) => {
    const ada = author('ada');
    const [first, kit, last] = [ada.releases('x', '1.0.0'), ada.releases('kit', '1.0.0'), ada.releases('x', '1.1.0')];
    await logs.append([...ada.root.records, ...ada.device.records]);
    const grant = `grant:${ada.id}:${ada.device.key}`;
    const all = [{ arrival: 1 }, { arrival: 2, subject: grant }, { arrival: 3 }, { arrival: 5, subject: 'package:kit' }, { arrival: 6, subject: 'package:x' }];
    expect([first, kit, last].map((one) => one.fields.seq)).toEqual([1, 2, 3]);
    expect(await logs.subjectsSince(0, 10)).toEqual(all);
    expect(await logs.subjectsSince(3, 2)).toEqual([{ arrival: 5, subject: 'package:kit' }]);
    expect(await logs.subjectsSince(6, 10)).toEqual([]);
    await logs.eraseBody(last.key, 3);
    expect(await logs.subjectsSince(0, 10)).toEqual(all);
    await logs.append([ada.releases('kit', '2.0.0')]);
    expect(await logs.subjectsSince(3, 10)).toEqual([{ arrival: 6, subject: 'package:x' }, { arrival: 7, subject: 'package:kit' }]);
  },
  'first seen is a time, the same in every answer': async (logs) => {
    const [one] = chain('ada', 1);
    const [added] = (await logs.append([one])).added;
    expect(Number.isSafeInteger(added?.firstSeen)).toBe(true);
    expect((await logs.read(one.key, 0, 1))[0]).toEqual(added);
    expect((await logs.since(0, 1))[0]).toEqual(added);
  },
  'heads come in ascending order of keys, page by page': async (logs) => {
    const writers = Array.from({ length: 25 }, (_, index) => chain(`writer ${index}`, (index % 3) + 1).slice(0, (index % 3) + 1));
    for (const records of writers) await logs.append(records);
    const expected = writers.map((records) => records[records.length - 1]).flatMap((last) => (last ? [{ key: last.key, seq: last.fields.seq, hash: last.hash }] : []));
    expected.sort((a, b) => (a.key < b.key ? -1 : 1));
    const pages = [];
    for (let page = await logs.heads(undefined, 10); page.length > 0; page = await logs.heads(page.at(-1)?.key, 10)) pages.push(page);
    expect(pages.map((page) => page.length)).toEqual([10, 10, 5]);
    expect(pages.flat()).toEqual(expected);
  },
  'heads go on after a key that is not held': async (logs) => {
    const [one] = chain('ada', 1);
    await logs.append([one]);
    expect(await logs.heads(keyId(new Uint8Array(32)), 10)).toHaveLength(1);
    expect(await logs.heads(one.key, 10)).toEqual([]);
  },
  'size counts logs and records and tells the newest arrival': async (logs) => {
    await logs.append(chain('ada', 3));
    await logs.append(chain('bob', 2));
    expect(await logs.size()).toEqual({ logs: 2, records: 5, arrival: 5 });
  },
  'records are found by subject in order of arrival': async (logs) => {
    const ada = author('ada');
    const bob = author('bob');
    const releases = [ada.releases('x', '1.0.0'), ada.releases('y', '1.0.0'), bob.releases('x', '0.1.0'), ada.releases('x', '1.0.1')];
    await logs.append(ada.root.records);
    await logs.append(bob.root.records);
    await logs.append([...ada.device.records.slice(0, 2), ...bob.device.records, ...ada.device.records.slice(2)]);
    const found = await logs.about('package:x', 0, 10);
    expect(found.map(({ record }) => record)).toEqual([releases[0], releases[2], releases[3]]);
    const first = found[0]?.arrival ?? 0;
    expect((await logs.about('package:x', first, 1)).map(({ record }) => record)).toEqual([releases[2]]);
    expect(await logs.about('package:z', 0, 10)).toEqual([]);
    expect(await logs.about('package:', 0, 10)).toEqual([]);
  },
  'subjects are listed once each by prefix, in order, page by page': async (logs) => {
    const ada = author('ada');
    for (const name of ['pear', 'apple', '@team/kiwi', 'apple-pie']) ada.releases(name, '1.0.0');
    ada.releases('apple', '2.0.0');
    await logs.append(ada.records);
    const names = ['package:@team/kiwi', 'package:apple', 'package:apple-pie', 'package:pear'];
    expect(await logs.subjects('package:', undefined, 10)).toEqual(names);
    expect(await logs.subjects('package:', undefined, 2)).toEqual(names.slice(0, 2));
    expect(await logs.subjects('package:', 'package:apple', 2)).toEqual(names.slice(2));
    expect(await logs.subjects('package:apple', undefined, 10)).toEqual(['package:apple', 'package:apple-pie']);
    expect(await logs.subjects('package:', 'package:pear', 10)).toEqual([]);
    expect(await logs.subjects('', undefined, 10)).toEqual(expect.arrayContaining(names));
  },
  'a closed store refuses everything, and closing again is harmless': async (logs) => {
    const [one, two] = chain('ada', 2);
    const pending = logs.append([one]);
    await Promise.all([logs.close(), expect(pending).resolves.toMatchObject({ added: [{ arrival: 1 }] })]);
    await logs.close();
    await expect(logs.append([two])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(logs.head(one.key)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(logs.headsSince(0, 1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(logs.since(0, 1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(logs.eraseBody(one.key, 0)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  },
};
