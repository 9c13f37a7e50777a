import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdir, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupHead } from '@souk/contracts';
import { blobCid, namedBlob, seedFrom, sha256Of, type Cid, type VerifiedRecord } from '@souk/domain';
import { author, LogWriter, type Author } from '@souk/testing';
import { gather, temporaryFolder, toArray, type TemporaryFolder } from '@souk/testing/conformance';
import { backupEntries, joinLogStore, openDataFolder, readBelonging, restoreFolder, type DataFolder, type RestoreEvent } from './index.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const head: BackupHead = { format: 'souk-backup', version: 1, createdAt: 1, dataFolder: 1, network: 'open', cached: true, keys: false };
const end = { files: 0, bytes: 0, sha256: '0'.repeat(64) };
let temporary: TemporaryFolder;
let data: DataFolder;
let [ada, bob]: [Author, Author] = [] as never;
let [own, other]: [VerifiedRecord, VerifiedRecord] = [] as never;

async function put(value: string): Promise<Cid> {
  const draft = await data.blobs.draft({ maxBytes: 1000 });
  await draft.write(text(value));
  const cid = blobCid(sha256Of(text(value)));
  await draft.commit(cid);
  await data.ledger.put(cid, value.length, 1);
  return cid;
}

beforeEach(async () => {
  [ada, bob] = [author('ada'), author('bob')];
  [own, other] = [ada.releases('own', '1.0.0'), bob.releases('other', '2.0.0')];
  temporary = await temporaryFolder();
  data = await openDataFolder(join(temporary.path, 'data'));
  await data.logs.addWriters([ada.root.key, ada.device.key]);
  await data.logs.append([...ada.records, ...bob.records]);
  await data.ledger.name([{ cid: await put('own@1.0.0'), as: 'published' }, { cid: await put('other@2.0.0'), as: 'known' }]);
  await put('an orphan');
});
afterEach(async () => {
  await data.close();
  await temporary.remove();
});

async function backedUp(cached = true, more: Partial<Parameters<typeof backupEntries>[1]> = {}): Promise<{ path: string; bytes: Uint8Array }[]> {
  const files: { path: string; bytes: Uint8Array }[] = [];
  for await (const { path, size, bytes } of backupEntries(data, { cached, catchUp: async () => undefined, ...more })) {
    files.push({ path, bytes: await gather(bytes) });
    expect(files.at(-1)?.bytes).toHaveLength(size);
  }
  return files;
}

async function* events(files: readonly { path: string; bytes: Uint8Array }[], first: BackupHead = head): AsyncGenerator<RestoreEvent> {
  yield { kind: 'head', head: first };
  for (const { path, bytes } of files) {
    yield { kind: 'entry', path };
    yield { kind: 'data', bytes: bytes.subarray(0, 10) };
    yield { kind: 'data', bytes: bytes.subarray(10) };
    yield { kind: 'done' };
  }
  yield { kind: 'end', end };
}

const target = (): string => join(temporary.path, 'restored');
const names = (files: readonly { path: string }[]): string[] => files.map((one) => one.path).sort();
const pathOf = (cid: string | undefined): string => `blobs/${cid?.slice(-2)}/${cid}`;

test('a backup has the records and the named blobs, cached ones if wanted, and nothing secret', async () => {
  await data.keys.create('peer', seedFrom('peer'));
  await writeFile(join(data.path, 'network.json'), '{"port":1}');
  const [pinned, cached] = [pathOf(namedBlob(own)?.cid), pathOf(namedBlob(other)?.cid)];
  expect(names(await backedUp())).toEqual([pinned, cached, 'logs.db.000', 'network.json'].sort());
  expect(names(await backedUp(false))).toEqual([pinned, 'logs.db.000', 'network.json'].sort());
  expect(await readdir(join(data.path, 'drafts'))).toEqual([]);
});

test('what was backed up is restored: records, blobs, who writes here, the network', async () => {
  const files = [...(await backedUp(true, { partBytes: 5000 })), { path: 'keys/peer', bytes: seedFrom('peer') }];
  expect(files.filter((one) => one.path.startsWith('logs.db')).length).toBeGreaterThan(2);
  expect(await restoreFolder(target(), events(files))).toEqual({ head, end, records: 8, blobs: 2, aside: [], findings: [] });
  const restored = await openDataFolder(target());
  expect(await restored.logs.since(0, 100)).toEqual(await data.logs.since(0, 100));
  expect(await restored.logs.writers()).toEqual([ada.root.key, ada.device.key]);
  expect(new TextDecoder().decode(await gather(await restored.blobs.read(namedBlob(own)?.cid as Cid)))).toBe('own@1.0.0');
  expect(await restored.keys.get('peer')).toEqual(seedFrom('peer'));
  expect(await readBelonging(target())).toBe('open');
  for (const [name, mode] of [['', '700'], ['keys', '700'], ['keys/peer', '600'], ['logs.db', '600']] as const) expect(((await stat(join(target(), name))).mode & 0o777).toString(8)).toBe(mode);
  await restored.close();
});

test('the site log is in a backup, and restored into its own place', async () => {
  const site = new LogWriter('site');
  site.write('inception', { rootKey: site.key });
  site.write('account', { id: 'ada', name: 'Ada', role: 'admin' });
  await data.siteLog.append(site.records);
  const files = [...(await backedUp()), { path: 'keys/site', bytes: seedFrom('site') }];
  expect(names(files)).toContain('site-log.db.000');
  expect(await restoreFolder(target(), events(files))).toMatchObject({ records: 8, aside: ['keys/site'] });
  const restored = await openDataFolder(target());
  expect(await restored.siteLog.since(0, 10)).toEqual(await data.siteLog.since(0, 10));
  expect((await restored.logs.head(site.key)) ?? 'not among the shared logs').toBe('not among the shared logs');
  await restored.close();
});

test('a backup of records that go on being written restores to a state that was', async () => {
  const writing = (async () => {
    for (let patch = 1; patch <= 200; patch += 1) {
      const record = ada.releases('own', `1.0.${patch}`);
      const cid = await put(`own@1.0.${patch}`);
      await data.logs.append([record]);
      await data.ledger.name([{ cid, as: 'published' }]);
    }
  })();
  const files = await backedUp();
  await writing;
  const { records, findings } = await restoreFolder(target(), events(files));
  expect(findings).toEqual([]);
  expect(records).toBeGreaterThanOrEqual(8);
  const restored = await openDataFolder(target());
  expect(await restored.logs.since(0, 1000)).toEqual((await data.logs.since(0, 1000)).slice(0, records));
  await restored.close();
});

test('a backup ends, and has one state of the records, while another connection goes on writing', async () => {
  const worker = await joinLogStore(data.path);
  let isDone = false;
  const writing = (async () => {
    for (let patch = 1; !isDone; patch += 1) {
      await worker.append([bob.releases('other', `2.0.${patch}`)]);
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  const files = await backedUp();
  isDone = true;
  await writing;
  await worker.close();
  const { records } = await restoreFolder(target(), events(files));
  const restored = await openDataFolder(target());
  expect(await restored.logs.since(0, 100_000)).toEqual((await data.logs.since(0, 100_000)).slice(0, records));
  await restored.close();
});

test('damaged blobs are left out and told of; what was published and is missing shows in the restore', async () => {
  const cid = namedBlob(own)?.cid ?? '';
  await truncate(join(data.path, pathOf(cid)), 3);
  const left: string[] = [];
  const files = await backedUp(true, { onLeft: (one) => left.push(one) });
  expect(left).toEqual([cid]);
  expect((await restoreFolder(target(), events(files))).findings).toEqual([expect.objectContaining({ check: 'releases', level: 'problem', what: expect.stringContaining('own@1.0.0') })]);
});

test('a key that may sign records is put aside, so that it does not fork its log', async () => {
  const files = [...(await backedUp()), { path: 'keys/network', bytes: seedFrom('n') }, { path: 'keys/site', bytes: seedFrom('s') }];
  expect((await restoreFolder(target(), events(files))).aside).toEqual(['keys/site']);
  expect(await readdir(join(target(), 'keys'))).toEqual(['network']);
  expect(await readdir(join(target(), 'set-aside', 'keys'))).toEqual(['site']);
});

test('a folder that is not empty is refused and left as it is; an interrupted restore is begun anew', async () => {
  await mkdir(target());
  await writeFile(join(target(), 'thesis.txt'), 'precious');
  await expect(restoreFolder(target(), events([]))).rejects.toMatchObject({ code: 'STORAGE_DENIED', message: expect.stringContaining('thesis.txt') });
  expect(await readdir(target())).toEqual(['thesis.txt']);
  await rm(join(target(), 'thesis.txt'));
  await writeFile(join(target(), '.restoring'), '');
  await writeFile(join(target(), 'logs.db'), 'half');
  await mkdir(join(target(), 'lost+found'));
  expect((await restoreFolder(target(), events(await backedUp()))).records).toBe(8);
  await expect(restoreFolder(target(), events([]))).rejects.toMatchObject({ code: 'STORAGE_DENIED' });
});

test('nothing is left of a restore that fails: a stream that breaks, damaged records, a newer folder', async () => {
  const files = await backedUp();
  async function* broken(): AsyncGenerator<RestoreEvent> {
    yield { kind: 'head', head };
    yield { kind: 'entry', path: 'logs.db.000' };
    yield { kind: 'data', bytes: text('x') };
    throw new Error('broken');
  }
  await expect(restoreFolder(target(), broken())).rejects.toThrow('broken');
  const logs = files.find((one) => one.path.startsWith('logs.db'));
  const bytes = Buffer.from(logs?.bytes ?? []);
  const at = bytes.indexOf(Buffer.from(own.signature));
  bytes[at] = (bytes[at] as number) ^ 1;
  await expect(restoreFolder(target(), events([{ path: 'logs.db.000', bytes }]))).rejects.toMatchObject({ code: 'STORAGE_CORRUPT', message: expect.stringContaining('Record 1') });
  await expect(restoreFolder(target(), events(files, { ...head, dataFolder: 2 }))).rejects.toMatchObject({ code: 'STORAGE_VERSION' });
  await expect(restoreFolder(target(), events([{ path: 'logs.db.000', bytes: text('no database '.repeat(500)) }]))).rejects.toMatchObject({ code: 'STORAGE_CORRUPT' });
  expect(await readdir(target())).toEqual([]);
});

test('a backup that its reader gives up leaves no copy of the records', async () => {
  for await (const { path } of backupEntries(data, { cached: true, catchUp: async () => undefined })) if (path.startsWith('logs.db')) break;
  expect(await readdir(join(data.path, 'drafts'))).toEqual([]);
  await expect(toArray(backupEntries(data, { cached: true, catchUp: async () => undefined, signal: AbortSignal.abort() }))).rejects.toMatchObject({ code: 'CANCELLED' });
});

