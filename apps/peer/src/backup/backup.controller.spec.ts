import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { join } from 'node:path';
import { readdir, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readBackup } from '@souk/archive';
import { checkStorage, readSelf, type StorageCheckEvent } from '@souk/contracts';
import type { CallContext } from '@souk/nest';
import { openDataFolder, restoreFolder } from '@souk/store';
import { author, packed, type Author, type Packed } from '@souk/testing';
import { inFolder } from '@souk/testing/conformance';
import { StorageController } from '../retention/storage.controller.ts';
import { allOf } from '../testing/all-of.ts';
import { TestPeer } from '../testing/test-peer.ts';

let [peer, ada]: [TestPeer, Author] = [] as never;
beforeEach(async () => {
  peer = await TestPeer.start();
  ada = author('ada');
});
afterEach(() => peer[Symbol.asyncDispose]());

async function publish(version: string, files: Record<string, string> = {}): Promise<Packed> {
  const one = await packed('kit', version, { files });
  await peer.upload(one.cid, one.bytes);
  ada.device.write('release', one.body);
  await peer.append(...ada.records);
  return one;
}

async function backup(query = '', headers: Record<string, string> = { authorization: 'Bearer secret-of-this-site' }): Promise<Response> {
  const { blobs } = await peer.rpc.call(readSelf, {});
  return fetch(`${blobs.url}/backup${query}`, { headers });
}

test('a backup that is taken while packages are published restores: every record is sound, every blob that they name is there', async () => {
  await publish('1.0.0');
  const response = await backup();
  let isDone = false;
  const publishing = (async () => {
    for (let patch = 1; !isDone; patch += 1) await publish(`1.0.${patch}`);
  })();
  await inFolder(async (folder) => {
    const target = join(folder, 'restored');
    const restored = await restoreFolder(target, readBackup(Readable.fromWeb(response.body as never)));
    isDone = true;
    await publishing;
    expect(restored.findings).toEqual([]);
    expect(restored.records).toBeGreaterThanOrEqual(4);
    const data = await openDataFolder(target);
    const held = await peer.runtime.data.logs.since(0, 10_000);
    expect(await data.logs.since(0, 10_000)).toEqual(held.slice(0, restored.records));
    expect(await data.logs.writers()).toEqual(await peer.runtime.data.logs.writers());
    await data.close();
  });
  expect(await readdir(join(peer.folder, 'drafts'))).toEqual([]);
});

test('a backup needs the secret of the site, and only one is made at a time', async () => {
  // More than fits into a connection that nobody reads.
  await publish('1.0.0', { 'noise.txt': randomBytes(16_000_000).toString('base64') });
  expect((await backup('', {})).status).toBe(401);
  expect((await backup('?cached=perhaps')).status).toBe(400);
  const first = await backup();
  const second = await backup();
  expect([second.status, ((await second.json()) as { code: string }).code]).toEqual([503, 'UNAVAILABLE']);
  await first.arrayBuffer();
  const third = await backup();
  expect(third.status).toBe(200);
  await third.arrayBuffer();
});

test('a client that goes away in the middle leaves nothing behind', async () => {
  await publish('1.0.0');
  const response = await backup();
  await response.body?.cancel();
  let next = await backup();
  while (next.status === 503) next = await backup();
  expect(next.status).toBe(200);
  await next.arrayBuffer();
  expect(await readdir(join(peer.folder, 'drafts'))).toEqual([]);
});

const checked = (fix = false): Promise<StorageCheckEvent[]> => allOf(peer.rpc.stream(checkStorage, { blobs: true, fix }));
const told = (events: readonly StorageCheckEvent[]) => events.flatMap((one) => (one.type === 'finding' ? [[one.finding.check, one.finding.level, one.finding.fixed ?? false]] : []));

test('a running peer checks itself: what is sound, what is damaged, what a fix may do', async () => {
  const [kept, spoilt] = [await publish('1.0.0'), await publish('1.0.1')];
  const events = await checked();
  expect(told(events)).toEqual([]);
  expect(events.at(-1)).toEqual({ type: 'done' });
  expect(events).toContainEqual({ type: 'checked', check: 'records', done: 5, total: 5 });
  const path = (one: Packed): string => join(peer.folder, 'blobs', one.cid.slice(-2), one.cid);
  await writeFile(path(spoilt), 'spoilt');
  const orphan = await packed('orphan', '1.0.0');
  await peer.upload(orphan.cid, orphan.bytes);
  await writeFile(path(orphan), 'spoilt too');
  expect(told(await checked())).toEqual(expect.arrayContaining([['blobs', 'problem', false], ['blobs', 'problem', false]]));
  expect(told(await checked(true))).toEqual(expect.arrayContaining([['blobs', 'problem', false], ['blobs', 'problem', true]]));
  expect(told(await checked())).toEqual([['blobs', 'problem', false]]);
  expect((await peer.blob(orphan.cid)).status).toBe(404);
  expect((await peer.blob(kept.cid)).status).toBe(200);
});

test('one check at a time', async () => {
  await publish('1.0.0');
  const controller = new StorageController(peer.runtime);
  const begin = () => controller.check({ blobs: true, fix: false }, { signal: new AbortController().signal } as CallContext);
  const first = begin();
  await first.next();
  await expect(begin().next()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await first.return(undefined);
  expect((await allOf(begin())).at(-1)).toEqual({ type: 'done' });
});
