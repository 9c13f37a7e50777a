import { createHash } from 'node:crypto';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { checkStorage, fetchBlobs, headMoved } from '@souk/contracts';
import { sameBytes } from '@souk/domain';
import { Metrics } from '@souk/nest';
import { author, packed, type Author, type Packed } from '@souk/testing';
import { allOf } from '../testing/all-of.ts';
import { TestPeer } from '../testing/test-peer.ts';

let [ada, here, there]: [Author, TestPeer, TestPeer] = [] as never;
let metrics: Metrics;

beforeEach(async () => {
  ada = author('ada');
  metrics = new Metrics();
  there = await TestPeer.start();
  here = await TestPeer.start({ metrics, env: { SOUK_JOIN: await there.invite() } });
});
afterEach(async () => {
  await here[Symbol.asyncDispose]();
  await there[Symbol.asyncDispose]();
});

const noise = (name: string, length: number): string => createHash('shake256', { outputLength: length }).update(name).digest('base64');

/** A package that `there` publishes and `here` has fetched. */
async function fetched(name: string, size: number): Promise<Packed> {
  const one = await packed(name, '1.0.0', { files: { 'data.bin': noise(name, size) } });
  await there.upload(one.cid, one.bytes);
  ada.device.write('release', one.body);
  await there.append(...ada.records);
  const news = here.hears(headMoved);
  while ((await here.runtime.data.logs.size()).records < ada.records.length) await news.next();
  news.stop();
  await allOf(here.rpc.stream(fetchBlobs, { blobs: [{ cid: one.cid, name: one.body.name, version: one.body.version }] }));
  return one;
}

const fileOf = (peer: TestPeer, { cid }: Packed): string => join(peer.folder, 'blobs', cid.slice(-2), cid);

async function flip(peer: TestPeer, one: Packed, at: number): Promise<void> {
  const bytes = await readFile(fileOf(peer, one));
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(fileOf(peer, one), bytes);
}

async function counted(name: string): Promise<number> {
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec((await metrics.text()).body)?.[1] ?? 0);
}

const got = async (peer: TestPeer, one: Packed): Promise<boolean> => sameBytes(new Uint8Array(await (await peer.blob(one.cid)).arrayBuffer()), one.bytes);

const damages: Record<string, (one: Packed) => Promise<void>> = {
  'a flipped bit': (one) => flip(here, one, 100),
  'a cut file': (one) => truncate(fileOf(here, one), 50),
  'an empty file': (one) => truncate(fileOf(here, one), 0),
  'another file': (one) => writeFile(fileOf(here, one), 'something else'),
};

test('damage is noticed by whoever reads the blob, who gets the right bytes, fetched again', async () => {
  for (const [at, [what, damage]] of Object.entries(damages).entries()) {
    const one = await fetched(`mitt-${at}`, 10);
    await damage(one);
    expect([what, await got(here, one)]).toEqual([what, true]);
    expect(sameBytes(await readFile(fileOf(here, one)), one.bytes)).toBe(true);
    expect(await got(here, one)).toBe(true);
    expect([what, await counted('souk_blobs_damaged_total'), await counted('souk_blobs_healed_total')]).toEqual([what, at + 1, at + 1]);
  }
});

test('of a large blob each chunk is looked at; a read goes on in the middle with what was fetched again', async () => {
  const one = await fetched('large', 2_600_000);
  expect(one.bytes.length).toBeGreaterThan(2_200_000);
  await flip(here, one, 2_150_000);
  const range = await here.blob(one.cid, { headers: { range: 'bytes=0-9' } });
  expect(sameBytes(new Uint8Array(await range.arrayBuffer()), one.bytes.slice(0, 10))).toBe(true);
  expect(await counted('souk_blobs_damaged_total')).toBe(0);
  expect(await got(here, one)).toBe(true);
  expect(await counted('souk_blobs_healed_total')).toBe(1);
  await truncate(fileOf(here, one), one.bytes.length - 5);
  expect(await got(here, one)).toBe(true);
  expect(await counted('souk_blobs_healed_total')).toBe(2);
});

test('many who read a damaged blob at once share one healing', async () => {
  const one = await fetched('mitt', 500_000);
  await flip(here, one, 5);
  expect(await Promise.all(Array.from({ length: 8 }, () => got(here, one)))).toEqual(Array(8).fill(true));
  expect([await counted('souk_blobs_damaged_total'), await counted('souk_blobs_healed_total')]).toEqual([1, 1]);
});

test('other peers never get damaged bytes: the blob is not there for them, and healed meanwhile', async () => {
  const one = await fetched('mitt', 10);
  await flip(here, one, 5);
  await using third = await TestPeer.start({ env: { SOUK_JOIN: await here.invite() } });
  const news = third.hears(headMoved);
  while ((await third.runtime.data.logs.size()).records < ada.records.length) await news.next();
  news.stop();
  await allOf(third.rpc.stream(fetchBlobs, { blobs: [{ cid: one.cid, name: one.body.name, version: one.body.version }] }));
  expect(await got(third, one)).toBe(true);
  const seen = await third.runtime.data.observations.since(0, 100);
  expect(seen.filter((each) => each.outcome === 'corrupt')).toEqual([]);
});

test('what nobody else has: a published blob stays on disk and is not served, a cached one is deleted; neither is given out', async () => {
  const one = await fetched('mitt', 10);
  await flip(there, one, 5);
  await flip(here, one, 5);
  const [cached, published] = [await here.blob(one.cid), await there.blob(one.cid)];
  for (const answer of [cached, published]) expect([answer.status, await answer.json()]).toEqual([503, expect.objectContaining({ code: 'NO_PROVIDER', hint: expect.stringContaining('souk doctor') })]);
  expect(await readFile(fileOf(there, one))).toHaveLength(one.bytes.length);
  await expect(readFile(fileOf(here, one))).rejects.toThrow('ENOENT');
  expect((await there.upload(one.cid, one.bytes)).status).toBe(201);
  expect(await got(there, one)).toBe(true);
});

test('a release that lies about the chunks of a sound blob does it no harm', async () => {
  const one = await packed('liar', '1.0.0', { files: { 'data.bin': noise('liar', 1_500_000) } });
  await there.upload(one.cid, one.bytes);
  const { chunks } = one.body;
  ada.device.write('release', { ...one.body, chunks: chunks.toReversed() });
  await there.runtime.data.logs.append([...ada.records]);
  expect(await got(there, one)).toBe(true);
  expect(await got(there, one)).toBe(true);
});

test('a check that may fix has damaged blobs fetched again, published ones too', async () => {
  const one = await fetched('mitt', 10);
  await flip(there, one, 5);
  const findings = (await allOf(there.rpc.stream(checkStorage, { blobs: true, fix: true }))).flatMap((each) => (each.type === 'finding' ? [each.finding] : []));
  expect(findings).toEqual([expect.objectContaining({ check: 'blobs', fixed: true, todo: expect.stringContaining('fetched again') })]);
  expect(await got(there, one)).toBe(true);
});
