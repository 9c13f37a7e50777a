import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { fetchBlobs, headMoved, readSelf, readStorage } from '@souk/contracts';
import { openLogStore } from '@souk/store';
import { author, packed, type Author, type Packed } from '@souk/testing';
import { inFolder } from '@souk/testing/conformance';
import { allOf } from '../testing/all-of.ts';
import { TestPeer, type TestPeerOptions } from '../testing/test-peer.ts';

const peers: TestPeer[] = [];
afterEach(async () => {
  for (const peer of peers.splice(0)) await peer[Symbol.asyncDispose]();
});

async function start(options?: TestPeerOptions): Promise<TestPeer> {
  const peer = await TestPeer.start(options);
  peers.push(peer);
  return peer;
}

async function stop(peer: TestPeer): Promise<void> {
  peers.splice(peers.indexOf(peer), 1);
  await peer.stop();
}

/** A package whose archive has about `kilobytes`. */
function big(name: string, kilobytes: number, version = '1.0.0'): Promise<Packed> {
  const noise = createHash('shake256', { outputLength: kilobytes * 750 }).update(name + version).digest('base64');
  return packed(name, version, { files: { 'noise.txt': noise } });
}

async function publish(peer: TestPeer, by: Author, one: Packed): Promise<Packed> {
  expect((await peer.upload(one.cid, one.bytes)).ok).toBe(true);
  by.device.write('release', one.body);
  await peer.append(...by.records);
  return one;
}

async function arrived(peer: TestPeer, records: number): Promise<void> {
  const news = peer.hears(headMoved);
  while ((await peer.runtime.data.logs.size()).records < records) await news.next();
  news.stop();
}

const fetched = (peer: TestPeer, { cid, body }: Packed): Promise<unknown> => allOf(peer.rpc.stream(fetchBlobs, { blobs: [{ cid, name: body.name, version: body.version }] }));
const storage = async (peer: TestPeer) => peer.rpc.call(readStorage, {});
const keepingOf = async (peer: TestPeer, { cid }: Packed) => (await peer.runtime.retention.ledger.get(cid))?.keeping;

/** Waits until upkeep has looked at everything once. */
async function levelled(peer: TestPeer): Promise<void> {
  while (!(await storage(peer)).isLevel) await new Promise((resolve) => setImmediate(resolve));
}

test('what is published here is pinned, what is fetched is cached and makes room for what is fetched next', async () => {
  const there = await start();
  const [ada, bob] = [author('ada'), author('bob')];
  const here = await start({ env: { SOUK_JOIN: await there.invite(), SOUK_STORAGE_MAX_BYTES: '1500000' } });
  const own = await publish(here, bob, await big('own', 700));
  const [first, second] = [await publish(there, ada, await big('first', 800)), await publish(there, ada, await big('second', 900))];
  await arrived(here, ada.records.length + bob.records.length);
  await fetched(here, first);
  expect(await storage(here)).toMatchObject({ pinned: { blobs: 1, bytes: own.bytes.length }, cached: { blobs: 1, bytes: first.bytes.length }, unnamed: { blobs: 0 }, maxBytes: 1_500_000 });
  await fetched(here, second);
  expect([await keepingOf(here, own), await keepingOf(here, first), await keepingOf(here, second)]).toEqual(['pinned', undefined, 'cached']);
  expect((await here.blob(first.cid)).status).toBe(404);
  expect((await here.rpc.call(readSelf, {})).status.blobs).toBe(2);
  const tooMuch = await publish(there, ada, await big('too-much', 1400));
  await arrived(here, ada.records.length + bob.records.length);
  await expect(fetched(here, tooMuch)).rejects.toMatchObject({ code: 'STORAGE_FULL', details: { why: 'limit' } });
  expect(await keepingOf(here, second)).toBe('cached');
});

test('what was fetched is pinned once it is published here too', async () => {
  const there = await start();
  const ada = author('ada');
  const here = await start({ env: { SOUK_JOIN: await there.invite() } });
  const one = await publish(there, ada, await big('one', 10));
  await arrived(here, ada.records.length);
  await fetched(here, one);
  expect(await keepingOf(here, one)).toBe('cached');
  await publish(here, ada, await big('two', 10));
  expect(await keepingOf(here, one)).toBe('pinned');
});

test('a report of an archive that is no longer here does not make a release appear to be held', async () => {
  const peer = await start();
  const ada = author('ada');
  const one = await big('one', 10);
  await peer.upload(one.cid, one.bytes);
  await peer.runtime.data.blobs.delete(one.cid);
  ada.device.write('release', one.body);
  await expect(peer.append(...ada.records)).rejects.toMatchObject({ code: 'BLOB_NOT_FOUND', details: { cid: one.cid } });
});

test('uploads that no record follows are swept after their grace, those of a restart too; what is named stays', async () => {
  await inFolder(async (folder) => {
    const env = { SOUK_STORAGE_GRACE: '1' };
    const ada = author('ada');
    const first = await start({ folder });
    const [orphan, named] = [await big('orphan', 10), await publish(first, ada, await big('named', 10))];
    await first.upload(orphan.cid, orphan.bytes);
    expect(await storage(first)).toMatchObject({ unnamed: { blobs: 1, bytes: orphan.bytes.length }, pinned: { blobs: 1 } });
    await stop(first);
    const second = await start({ folder, env });
    while ((await storage(second)).unnamed.blobs > 0 || !(await storage(second)).isLevel) await new Promise((resolve) => setImmediate(resolve));
    expect((await second.blob(orphan.cid)).status).toBe(404);
    expect((await second.blob(named.cid)).status).toBe(200);
    expect(await storage(second)).toMatchObject({ unnamed: { blobs: 0, bytes: 0 }, pinned: { blobs: 1, bytes: named.bytes.length } });
    await stop(second);
  });
});

test('a ledger that is lost, damaged or of other logs is made anew from folder and records', async () => {
  await inFolder(async (folder) => {
    const ada = author('ada');
    const first = await start({ folder });
    const one = await publish(first, ada, await big('one', 10));
    const before = await storage(first);
    await stop(first);
    for (const name of await readdir(folder)) if (name.startsWith('blobs.db')) await rm(join(folder, name));
    const second = await start({ folder });
    await levelled(second);
    expect(await storage(second)).toMatchObject({ pinned: before.pinned, cached: before.cached });
    await stop(second);
    await rm(join(folder, 'logs.db'));
    const third = await start({ folder, env: { SOUK_STORAGE_GRACE: '600' } });
    await levelled(third);
    expect(await keepingOf(third, one)).toBe('unnamed');
    await stop(third);
  });
});

test('logs of a version that did not note who writes here: everything that is held counts as written here', async () => {
  await inFolder(async (folder) => {
    const logs = await openLogStore(folder);
    const ada = author('ada');
    await logs.append(ada.records);
    await logs.close();
    const { DatabaseSync } = await import('node:sqlite');
    const db = new DatabaseSync(join(folder, 'logs.db'));
    db.exec('DROP TABLE writer; PRAGMA user_version = 1');
    db.close();
    const upgraded = await openLogStore(folder);
    expect(await upgraded.writers()).toEqual([ada.root.key, ada.device.key]);
    await upgraded.close();
  });
});

test.each([
  ['SOUK_STORAGE_MAX_BYTES', '10'],
  ['SOUK_STORAGE_MIN_FREE', '120'],
  ['SOUK_STORAGE_MIN_FREE', 'much'],
  ['SOUK_STORAGE_PIN', 'fine,NOT A NAME'],
  ['SOUK_STORAGE_LOW_WATER', '99'],
])('the setting %s=%s is refused', async (name, value) => {
  await expect(start({ env: { [name]: value } })).rejects.toMatchObject({ code: 'BAD_CONFIG', message: expect.stringContaining(name) });
});
