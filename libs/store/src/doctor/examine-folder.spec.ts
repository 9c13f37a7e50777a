import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { appendFile, chmod, mkdir, open, readdir, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { blobCid, namedBlob, seedFrom, sha256Of, type CheckStep, type Cid, type Finding, type VerifiedRecord } from '@souk/domain';
import { author, LogWriter } from '@souk/testing';
import { forked, temporaryFolder, type TemporaryFolder } from '@souk/testing/conformance';
import { examineFolder, openDataFolder, writeBelonging, type DataFolder, type ExamineOptions } from '../index.ts';

const hour = 3_600_000;
const options: ExamineOptions = { fix: false, blobs: true, graceMs: hour, minFree: 0, now: Date.now() };
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
let [temporary, folder]: [TemporaryFolder, string] = [] as never;

beforeEach(async () => {
  temporary = await temporaryFolder();
  folder = join(temporary.path, 'data');
});
afterEach(() => temporary.remove());

async function opened(work: (data: DataFolder) => Promise<void>): Promise<void> {
  const data = await openDataFolder(folder);
  try {
    await work(data);
  } finally {
    await data.close();
  }
}

async function put(data: DataFolder, bytes: Uint8Array): Promise<Cid> {
  const draft = await data.blobs.draft({ maxBytes: 1_000_000 });
  await draft.write(bytes);
  const cid = blobCid(sha256Of(bytes));
  await draft.commit(cid);
  return cid;
}

const ada = author('ada');
const own = ada.releases('own', '1.0.0');
const bob = author('bob');
const other = bob.releases('other', '2.0.0');
const pathOf = (record: VerifiedRecord): string => {
  const cid = namedBlob(record)?.cid ?? '';
  return join(folder, 'blobs', cid.slice(-2), cid);
};

/** A sound folder: a release that was published here, another that was fetched, both blobs. */
async function sound(): Promise<void> {
  await opened(async (data) => {
    await data.logs.addWriters([ada.root.key, ada.device.key]);
    await data.logs.append([...ada.records, ...bob.records]);
    await put(data, text('own@1.0.0'));
    await put(data, text('other@2.0.0'));
    await data.keys.create('peer', seedFrom('peer'));
    await data.keys.create('network', seedFrom('network'));
  });
}

function inLogs(sql: string): void {
  const db = new DatabaseSync(join(folder, 'logs.db'));
  db.exec('PRAGMA foreign_keys = OFF');
  db.exec(sql);
  db.close();
}

async function examine(change: Partial<ExamineOptions> = {}): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const step of examineFolder(folder, { ...options, ...change })) if (step.type === 'finding') findings.push(step.finding);
  return findings;
}

const problem = (check: string, what: string | RegExp = ''): unknown => expect.objectContaining({ check, level: 'problem', what: expect.stringMatching(what), todo: expect.any(String) });

test('a sound folder has no findings, and every check says that it was done', async () => {
  await sound();
  const steps: CheckStep[] = [];
  for await (const step of examineFolder(folder, options)) steps.push(step);
  expect(steps.map((one) => (one.type === 'checked' ? `${one.check} ${one.done}` : one))).toEqual([
    'folder 1', 'permissions 1', 'disk 1', 'network 1', 'databases 6', 'records 8', 'records 8', 'releases 1', 'orphans 0', 'blobs 2',
  ]);
});

test('a folder that a site uses is not touched', async () => {
  await opened(async () => {
    await expect(examine()).rejects.toMatchObject({ code: 'STORAGE_LOCKED', details: { pid: process.pid } });
  });
});

test('permissions: a folder and keys that others may read are told, and closed by a fix', async () => {
  await sound();
  await chmod(folder, 0o755);
  await chmod(join(folder, 'keys', 'peer'), 0o644);
  expect(await examine()).toEqual([problem('permissions', 'mode 755'), problem('permissions', /keys\/peer \(mode 644\)/)]);
  for (const finding of await examine({ fix: true })) expect(finding.fixed).toBe(true);
  expect(((await stat(folder)).mode & 0o777).toString(8)).toBe('700');
  expect(await examine()).toEqual([]);
});

test('keys: one of the wrong length, and one that is not of the network that the folder belongs to', async () => {
  await sound();
  await writeBelonging(folder, '0123456789abcdef');
  expect(await examine()).toEqual([problem('network', 'that of another one')]);
  await rm(join(folder, 'keys', 'network'));
  expect(await examine()).toEqual([problem('network', 'key is missing')]);
  await truncate(join(folder, 'keys', 'peer'), 5);
  expect(await examine()).toContainEqual(problem('permissions', '5 bytes instead of 32'));
});

test('disk: too little is free', async () => {
  await sound();
  expect(await examine({ minFree: 1 })).toEqual([problem('disk', /% of the disk .* is free/)]);
});

test.each([
  ['missing', undefined, 'no data folder'],
  ['damaged', '{', 'damaged'],
  ['newer', '{"format":"souk-data","version":9}', 'version 9; this Souk understands 1'],
])('folder: a format file that is %s', async (_what, content, what) => {
  await sound();
  await rm(join(folder, 'format.json'));
  if (content !== undefined) await writeFile(join(folder, 'format.json'), content);
  expect(await examine()).toEqual([problem('folder', what)]);
});

test('databases: damaged records end the examination; what can be made anew is put aside by a fix', async () => {
  await sound();
  for (const name of ['blobs.db', 'observations.db']) await writeFile(join(folder, name), 'certainly no database '.repeat(300));
  expect(await examine()).toEqual([problem('databases', 'blobs.db'), problem('databases', 'observations.db')]);
  expect((await examine({ fix: true })).every((one) => one.fixed)).toBe(true);
  expect(await readdir(join(folder, 'set-aside'))).toEqual(['blobs.db', 'observations.db']);
  expect(await examine()).toEqual([]);
  await opened(async (data) => expect(await data.logs.size()).toMatchObject({ records: 8 }));
  await writeFile(join(folder, 'logs.db'), 'certainly no database '.repeat(300));
  const findings = await examine({ fix: true });
  expect(findings).toEqual([problem('databases', 'logs.db')]);
  expect(findings[0]?.fixed).toBeUndefined();
});

test('databases: a newer version and a page that is damaged', async () => {
  await sound();
  inLogs('PRAGMA user_version = 99');
  expect((await examine())[0]?.why).toMatch(/version 99; this Souk understands/);
  inLogs('PRAGMA user_version = 2');
  const file = await open(join(folder, 'logs.db'), 'r+');
  await file.write(Buffer.alloc(4096, 0xff), 0, 4096, 4096 * 4);
  await file.close();
  expect(await examine()).toEqual([problem('databases', 'logs.db')]);
});

const recordOf = (record: VerifiedRecord): string => `log = (SELECT id FROM log WHERE key = '${record.key}') AND seq = ${record.fields.seq}`;

test.each([
  ['a signature', (record: VerifiedRecord) => `UPDATE record SET signature = zeroblob(64) WHERE ${recordOf(record)}`, /Record 1 of z6Mk\w+ is damaged/],
  ['a header', (record: VerifiedRecord) => `UPDATE record SET header = zeroblob(100) WHERE ${recordOf(record)}`, /Record 1 of z6Mk\w+ is damaged/],
  ['a body', (record: VerifiedRecord) => `UPDATE body SET bytes = zeroblob(10) WHERE arrival = (SELECT arrival FROM record WHERE ${recordOf(record)})`, /Record 1 of z6Mk\w+ is damaged/],
  ['a whole record', (record: VerifiedRecord) => `DELETE FROM record WHERE ${recordOf(record)}`, /ends at record 0, not at its head 1/],
  ['a head', (record: VerifiedRecord) => `UPDATE log SET hash = zeroblob(32) WHERE key = '${record.key}'`, /ends at record 1, not at its head 1/],
])('records: %s that was changed is found', async (_what, sql, what) => {
  await sound();
  inLogs(sql(own));
  const findings = await examine({ blobs: false });
  expect(findings).toContainEqual(problem('records', what));
  expect(findings.filter((one) => one.check === 'records').every((one) => (one.what.includes(ada.device.key) || /can be read/.test(one.what)))).toBe(true);
});

test('records: a fork is a note, not a problem of this folder', async () => {
  await sound();
  await opened(async ({ logs }) => {
    const writer = new LogWriter('forked');
    for (let seq = 0; seq < 3; seq += 1) writer.writeBytes('note', Uint8Array.of(0x82, seq, 1));
    await logs.append(writer.records);
    await logs.append([forked('forked').b1]);
  });
  expect(await examine()).toEqual([expect.objectContaining({ check: 'records', level: 'note', what: expect.stringContaining('two different records 1') })]);
});

test('blobs: a damaged one that can be fetched again is deleted by a fix, one that was published here is put aside', async () => {
  await sound();
  await truncate(pathOf(other), 3);
  await writeFile(pathOf(own), 'own@1.0.1');
  const findings = await examine();
  expect(findings).toHaveLength(2);
  expect(findings).toContainEqual(problem('blobs', /one that this site keeps for good/));
  expect(await examine({ blobs: false })).toEqual([]);
  expect((await examine({ fix: true })).map((one) => one.fixed)).toEqual([true, true]);
  expect(await readdir(join(folder, 'set-aside'))).toEqual([namedBlob(own)?.cid]);
  expect(await examine()).toEqual([problem('releases', /own@1.0.0 was published here, but its blob/)]);
});

test('releases: a blob that was published here and is not here is a problem, one of others is none', async () => {
  await sound();
  await rm(pathOf(other));
  expect(await examine()).toEqual([]);
  await rm(pathOf(own));
  expect(await examine({ fix: true })).toEqual([problem('releases', 'own@1.0.0')]);
});

test('orphans: uploads that no record names are deleted by a fix once they are old', async () => {
  await sound();
  const cids: Cid[] = [];
  await opened(async (data) => void cids.push(await put(data, text('young')), await put(data, text('old'))));
  const old = join(folder, 'blobs', (cids[1] ?? '').slice(-2), cids[1] ?? '');
  await utimes(old, 1, 1);
  const note = expect.objectContaining({ check: 'orphans', level: 'note', what: '1 uploaded blobs (3 bytes) are named by no record.' });
  expect(await examine()).toEqual([note]);
  expect(await examine({ fix: true })).toEqual([expect.objectContaining({ check: 'orphans', fixed: true })]);
  expect(await examine()).toEqual([]);
  await opened(async ({ blobs }) => {
    expect(await blobs.size(cids[0] as Cid)).toBe(5);
    expect(await blobs.size(cids[1] as Cid)).toBeUndefined();
  });
});

test('strays: unfinished files are deleted by a fix, misplaced ones are put aside', async () => {
  await sound();
  await writeFile(join(folder, 'drafts', 'half'), 'half');
  await writeFile(join(folder, 'keys', '.peer.0011223344556677.tmp'), 'half');
  await mkdir(join(folder, 'blobs', 'zz'), { recursive: true });
  await writeFile(join(folder, 'blobs', 'zz', namedBlob(own)?.cid ?? ''), 'x');
  await appendFile(join(folder, 'blobs', 'README'), 'x');
  const findings = await examine();
  expect(findings).toEqual([expect.objectContaining({ check: 'orphans', what: expect.stringMatching(/^2 unfinished files/) }), expect.objectContaining({ check: 'blobs', level: 'note', what: expect.stringMatching(/^2 files lie among/) })]);
  await writeFile(join(folder, 'drafts', 'half'), 'half');
  expect((await examine({ fix: true })).map((one) => one.fixed)).toEqual([true, true]);
  expect((await readdir(join(folder, 'set-aside'))).sort()).toEqual(['README', namedBlob(own)?.cid ?? ''].sort());
  expect(await examine()).toEqual([]);
});

test('an examination that is given up is CANCELLED and gives the folder free', async () => {
  await sound();
  await expect(examine({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(await examine()).toEqual([]);
});
