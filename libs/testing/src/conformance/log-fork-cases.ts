import { expect } from '@jest/globals';
import { bodyCidOf, sameBytes, type LogStore } from '@souk/domain';
import { author } from '../builders/index.ts';
import { chain, forked } from './log-words.ts';
import type { Cases } from './suite.ts';

/** What a store must do when a key signs two records for one place, and when a body is erased. */
export const forkCases: Cases<LogStore> = {
  'a second record at one seq is kept as proof, not added, and neither are those after it': async (logs) => {
    const [a0, a1] = chain('ada', 2);
    const { b1, b2 } = forked('ada');
    await logs.append([a0, a1]);
    const { added, forks } = await logs.append([a0, b1, b2]);
    const proof = { key: a0.key, seq: 1, a: a1, b: b1 };
    expect({ added, forks }).toEqual({ added: [], forks: [proof] });
    expect(await logs.forks(10)).toEqual([proof]);
    expect(await logs.fork(a0.key)).toEqual(proof);
    expect(await logs.head(a0.key)).toEqual({ key: a0.key, seq: 1, hash: a1.hash });
    expect((await logs.size()).records).toBe(2);
  },
  'a fork inside one append adds the first branch and proves it': async (logs) => {
    const [a0, a1, a2] = chain('ada', 3);
    const { b1 } = forked('ada');
    const { added, forks } = await logs.append([a0, a1, b1, a2]);
    expect(added.map(({ record }) => record)).toEqual([a0, a1]);
    expect(forks).toEqual([{ key: a0.key, seq: 1, a: a1, b: b1 }]);
  },
  'a fork of one key does not hold up the other keys of the append': async (logs) => {
    const [a0, a1] = chain('ada', 2);
    const [bob] = chain('bob', 1);
    await logs.append([a0, a1]);
    const { added, forks } = await logs.append([forked('ada').b1, bob]);
    expect(added.map(({ record }) => record)).toEqual([bob]);
    expect(forks).toHaveLength(1);
    expect(await logs.fork(bob.key)).toBeUndefined();
  },
  'a forked key is frozen; what is held may come again': async (logs) => {
    const [a0, a1, a2] = chain('ada', 3);
    const { b1 } = forked('ada');
    await logs.append([a0, a1]);
    await logs.append([b1]);
    await expect(logs.append([a2])).rejects.toMatchObject({ code: 'FORKED_LOG', details: { key: a0.key, seq: 1 } });
    await expect(logs.append([b1])).rejects.toMatchObject({ code: 'FORKED_LOG' });
    await expect(logs.append([a0, a1, a2])).rejects.toMatchObject({ code: 'FORKED_LOG' });
    expect(await logs.append([a0, a1])).toEqual({ added: [], forks: [] });
    expect(await logs.forks(10)).toHaveLength(1);
  },
  'forks come oldest first, from any place on, and at most as many as asked for': async (logs) => {
    const names = ['ada', 'bob', 'cy'];
    for (const name of names) await logs.append(chain(name, 2));
    for (const name of names) await logs.append([forked(name).b1]);
    const keys = names.map((name) => chain(name, 1)[0].key);
    expect((await logs.forks(2)).map(({ key }) => key)).toEqual(keys.slice(0, 2));
    expect((await logs.forks(10)).map(({ key }) => key)).toEqual(keys);
    expect((await logs.forks(1, 1)).map(({ key }) => key)).toEqual(keys.slice(1, 2));
    expect(await logs.forks(10, 3)).toEqual([]);
  },
  'an erased body is gone everywhere; header, chain, arrival and subject stay': async (logs) => {
    const ada = author('ada');
    const release = ada.releases('x', '1.0.0');
    await logs.append(ada.records);
    const before = (await logs.read(release.key, 0, 10)).map(({ arrival }) => arrival);
    await logs.eraseBody(release.key, release.fields.seq);
    const { body: _erased, ...bodiless } = release;
    const after = await logs.read(release.key, 0, 10);
    expect(after.map(({ arrival }) => arrival)).toEqual(before);
    expect(after.at(-1)?.record).toEqual(bodiless);
    expect((await logs.since(0, 100)).at(-1)?.record).toEqual(bodiless);
    expect((await logs.about('package:x', 0, 10)).map(({ record }) => record)).toEqual([bodiless]);
    expect(await logs.head(release.key)).toMatchObject({ hash: release.hash });
    const next = ada.releases('x', '1.0.1');
    expect((await logs.append([next])).added).toHaveLength(1);
  },
  'an erased body does not come back with its record': async (logs) => {
    const [one] = chain('ada', 1);
    await logs.append([one]);
    await logs.eraseBody(one.key, 0);
    expect((await logs.append([one])).added).toEqual([]);
    expect((await logs.read(one.key, 0, 1))[0]?.record.body).toBeUndefined();
  },
  'erasing takes the bodies of both branches of a fork': async (logs) => {
    const [a0, a1] = chain('ada', 2);
    await logs.append([a0, a1]);
    await logs.append([forked('ada').b1]);
    await logs.eraseBody(a0.key, 1);
    const proof = await logs.fork(a0.key);
    expect([proof?.a.body, proof?.b.body]).toEqual([undefined, undefined]);
    expect((await logs.read(a0.key, 0, 1))[0]?.record.body).toBeDefined();
  },
  'erasing twice, or what is not held, is harmless': async (logs) => {
    const [one] = chain('ada', 1);
    await logs.eraseBody(one.key, 0);
    await logs.append([one]);
    await logs.eraseBody(one.key, 0);
    await logs.eraseBody(one.key, 0);
    await logs.eraseBody(one.key, 7);
    expect((await logs.size()).records).toBe(1);
  },
  'bodies come back as they were': async (logs) => {
    const [one] = chain('ada', 1);
    await logs.append([one]);
    const body = (await logs.since(0, 1))[0]?.record.body ?? new Uint8Array(0);
    expect(sameBytes(bodyCidOf(body).bytes, one.fields.bodyCid.bytes)).toBe(true);
  },
};
