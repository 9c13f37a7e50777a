import { readdir, readFile, writeFile } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { writeCar } from '@souk/archive';
import { headMoved, maxBulk, readKnown } from '@souk/contracts';
import { cidOf, gather } from '@souk/testing/conformance';
import { hostileArchives } from '@souk/testing/archives';
import { author, packed, type Packed } from '@souk/testing/builders';
import type { PackageName, SmallBlob, VerifiedRecord, Version } from '@souk/domain';
import { TestPeer } from '../testing/test-peer.ts';

const blobOf = ({ cid, bytes }: Packed): SmallBlob => ({ cid, bytes });

async function packages(name: string, count: number): Promise<Packed[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => packed(`${name}-${index}`, '1.0.0')));
}

/** Uploads blobs together; the status and what the peer says. */
async function upload(peer: TestPeer, body: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<{ status: number; said: Record<string, unknown> }> {
  const response = await peer.blobs({ method: 'POST', body, headers: { 'content-type': 'application/vnd.ipld.car', ...headers } });
  return { status: response.status, said: (await response.json()) as Record<string, unknown> };
}

test('many blobs are kept together, then their releases appended together, and told of once', async () => {
  await using peer = await TestPeer.start();
  const ada = author('ada');
  const some = await packages('many', 100);
  expect(await upload(peer, writeCar(some.map(blobOf)))).toEqual({ status: 201, said: { blobs: 100, added: 100 } });
  expect(await upload(peer, writeCar(some.map(blobOf)))).toEqual({ status: 200, said: { blobs: 100, added: 0 } });
  const heard = peer.hears(headMoved);
  for (const one of some) ada.device.write('release', one.body);
  const answer = await peer.append(...ada.records);
  expect(answer).toMatchObject({ added: 103, heads: [{ key: ada.root.key, seq: 1 }, { key: ada.device.key, seq: 100 }] });
  expect(await heard.next()).toEqual({ ordinal: 0, arrival: 103 });
  heard.stop();
  expect(await peer.append(...ada.records)).toMatchObject({ added: 0, heads: answer.heads });
  expect((await peer.runtime.data.logs.read(ada.device.key, 0, 200)).map(({ record }) => record)).toEqual(ada.device.records);
  for (const { cid, bytes } of some) expect(await gather(await peer.runtime.data.blobs.read(cid))).toEqual(new Uint8Array(bytes));
  expect((await peer.self()).status.blobs).toBe(100);
});

/** The nice values of the threads of this process, as proc(5) has them; a thread that just ended has none. */
async function niceOfThreads(): Promise<number[]> {
  const stats = await Promise.all((await readdir('/proc/self/task')).map((thread) => readFile(`/proc/self/task/${thread}/stat`, 'utf8').catch(() => '')));
  return stats.filter((stat) => stat !== '').map((stat) => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]));
}

// Elsewhere threads have no priority of their own.
const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('on Linux', () => {
  test('bulk work takes second place to the event loop of its process, which keeps its own', async () => {
    await using peer = await TestPeer.start();
    const own = getPriority(0);
    await upload(peer, writeCar((await packages('nice', 80)).map(blobOf)));
    expect(await niceOfThreads()).toContain(Math.min(own + 5, 19));
    expect(getPriority(0)).toBe(own);
  });
});

test('a blob that is damaged and that nobody could give is whole again when it is uploaded once more with others', async () => {
  await using peer = await TestPeer.start();
  const ada = author('ada');
  const some = await packages('again', 70);
  const [{ cid }] = some as [Packed, ...Packed[]];
  await upload(peer, writeCar(some.map(blobOf)));
  for (const one of some) ada.device.write('release', one.body);
  await peer.append(...ada.records);
  // An eviction takes over what was appended: what is pinned stays, also when it is damaged.
  await peer.runtime.retention.evictor.evict(() => 1);
  await writeFile(join(peer.folder, 'blobs', cid.slice(-2), cid), 'something else');
  expect((await peer.blob(cid)).status).toBe(503);
  expect(await upload(peer, writeCar(some.map(blobOf)))).toEqual({ status: 200, said: { blobs: 70, added: 0 } });
  expect(new Uint8Array(await (await peer.blob(cid)).arrayBuffer())).toEqual(new Uint8Array(some[0]?.bytes ?? []));
});

test('what is published in bulk is pinned and counted, as what is published one by one', async () => {
  await using peer = await TestPeer.start();
  const ada = author('ada');
  const some = await packages('pinned', 80);
  await upload(peer, writeCar(some.map(blobOf)));
  const bytes = some.reduce((sum, one) => sum + one.bytes.length, 0);
  expect(peer.runtime.retention.ledger.usage().unnamed).toEqual({ blobs: 80, bytes });
  for (const one of some) ada.device.write('release', one.body);
  await peer.append(...ada.records);
  // An eviction takes over what was appended before it chooses anything.
  await peer.runtime.retention.evictor.evict(() => 1);
  expect(peer.runtime.retention.ledger.usage()).toMatchObject({ pinned: { blobs: 80, bytes }, cached: { blobs: 0 }, unnamed: { blobs: 0 } });
  expect(await peer.runtime.data.logs.writers()).toEqual(expect.arrayContaining([ada.root.key, ada.device.key]));
});

test('many records are judged as few are: one that is refused refuses them all', async () => {
  await using peer = await TestPeer.start();
  const [ada, eve] = [author('ada'), author('eve')];
  const some = await packages('judged', 80);
  await upload(peer, writeCar(some.map(blobOf)));
  const [first, ...others] = some as [Packed, ...Packed[]];
  ada.device.write('release', first.body);
  await peer.append(...ada.records);
  for (const one of [...others, first]) eve.device.write('release', one.body);
  await expect(peer.append(...eve.records)).rejects.toMatchObject({ code: 'NAME_TAKEN', details: { name: 'judged-0', publisher: ada.id } });
  for (const one of others) ada.device.write('release', one === others[40] ? { ...one.body, size: one.body.size + 1 } : one.body);
  await expect(peer.append(...ada.records)).rejects.toMatchObject({ code: 'MANIFEST_MISMATCH', details: { name: 'judged-41', fields: ['size'] } });
  const altered = ada.records.map((record): VerifiedRecord => ({ ...record, signature: record.signature.slice().reverse() }));
  await expect(peer.append(...altered)).rejects.toMatchObject({ code: 'BAD_SIGNATURE' });
  expect(await peer.runtime.data.logs.size()).toMatchObject({ records: 4 });
});

test('of blobs that are sent together one that is refused refuses them all, and is named', async () => {
  await using peer = await TestPeer.start();
  const good = (await packages('good', 3)).map(blobOf);
  const hostile = hostileArchives.find(({ rule }) => rule === 'traversal')?.bytes() ?? new Uint8Array();
  const bad = { cid: cidOf(hostile), bytes: hostile };
  expect(await upload(peer, writeCar([...good, bad]))).toMatchObject({ status: 422, said: { code: 'BAD_ARCHIVE', details: { cid: bad.cid, violations: [{ rule: 'traversal' }] } } });
  const [one, two] = good as [SmallBlob, SmallBlob];
  expect(await upload(peer, writeCar([one, { cid: two.cid, bytes: one.bytes }]))).toMatchObject({ status: 422, said: { code: 'CID_MISMATCH', details: { expected: two.cid, actual: one.cid } } });
  expect(await peer.runtime.data.blobs.size(one.cid)).toBeUndefined();
});

test('uploads that are too large, of too many blobs, no CAR or of another type are refused', async () => {
  await using peer = await TestPeer.start();
  const one = (await packages('small', 1)).map(blobOf);
  const car = writeCar(one);
  expect(await upload(peer, new Uint8Array(maxBulk.bytes + 1))).toMatchObject({ status: 413, said: { details: { limit: maxBulk.bytes } } });
  expect(await upload(peer, writeCar(Array.from({ length: maxBulk.blobs + 1 }, () => one[0] as SmallBlob)))).toMatchObject({ status: 413, said: { details: { limit: maxBulk.blobs } } });
  const large = new Uint8Array(maxBulk.blobBytes + 1);
  expect(await upload(peer, writeCar([{ cid: cidOf(large), bytes: large }]))).toMatchObject({ status: 413, said: { details: { limit: maxBulk.blobBytes } } });
  expect(await upload(peer, car.slice(0, -1))).toMatchObject({ status: 400, said: { code: 'BAD_REQUEST' } });
  expect(await upload(peer, car, { 'content-type': 'application/octet-stream' })).toMatchObject({ status: 415 });
  expect(await upload(peer, car, { authorization: 'Bearer wrong' })).toMatchObject({ status: 401 });
  expect(await upload(peer, car)).toMatchObject({ status: 201 });
});

test('what was kept in bulk is there after a restart, and more can be appended on top of it', async () => {
  await using first = await TestPeer.start();
  const ada = author('ada');
  const some = await packages('kept', 70);
  await upload(first, writeCar(some.map(blobOf)));
  for (const one of some) ada.device.write('release', one.body);
  await first.append(...ada.records);
  await first.stop();
  await using second = await TestPeer.start({ folder: first.folder });
  expect((await second.append(...ada.records)).added).toBe(0);
  for (const { cid, bytes } of some) expect(await gather(await second.runtime.data.blobs.read(cid))).toEqual(new Uint8Array(bytes));
  const more = await packages('more', 70);
  await upload(second, writeCar(more.map(blobOf)));
  for (const one of more) ada.device.write('release', one.body);
  expect((await second.append(...ada.records)).added).toBe(70);
});

test('who wants to publish many learns which are published, and which names are taken', async () => {
  await using peer = await TestPeer.start();
  const ada = author('ada');
  const [one] = (await packages('known', 1)) as [Packed];
  await upload(peer, writeCar([blobOf(one)]));
  ada.device.write('release', one.body);
  await peer.append(...ada.records);
  const version = (name: string, text: string): { name: PackageName; version: Version } => ({ name: name as PackageName, version: text as Version });
  const { known } = await peer.rpc.call(readKnown, { versions: [version('unknown', '1.0.0'), version('known-0', '2.0.0'), version('known-0', '1.0.0')] });
  expect(known).toEqual([
    { ...version('known-0', '2.0.0'), publisher: ada.id },
    { ...version('known-0', '1.0.0'), publisher: ada.id, bound: { cid: one.cid, tree: expect.stringMatching(/^[0-9a-f]{64}$/) } },
  ]);
});
