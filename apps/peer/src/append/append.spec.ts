import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { headMoved, readLog } from '@souk/contracts';
import { sha256Of, toHex, type ReleaseBody, type VerifiedRecord } from '@souk/domain';
import { author, LogWriter, packed, type Author, type PackedOptions } from '@souk/testing';
import { TestPeer } from '../testing/test-peer.ts';

let peer: TestPeer;

beforeAll(async () => {
  peer = await TestPeer.start();
});
afterAll(() => peer[Symbol.asyncDispose]());

async function release(by: Author, name: string, version: string, options: PackedOptions & { readonly says?: Partial<ReleaseBody>; readonly upload?: boolean } = {}): Promise<VerifiedRecord> {
  const { cid, bytes, body } = await packed(name, version, options);
  if (options.upload !== false) expect((await peer.upload(cid, bytes)).ok).toBe(true);
  return by.device.write('release', { ...body, ...options.says });
}

const code = (name: string, details: object = {}): object => ({ code: name, details: expect.objectContaining(details) });

test('appends the logs of a new publisher with a release, root and device in any order, and says it again when asked again', async () => {
  const ada = author('first');
  const record = await release(ada, 'first-package', '1.0.0');
  const records = [...ada.device.records, ...ada.root.records];
  const heads = [
    { key: ada.device.key, seq: 1, hash: toHex(record.hash) },
    { key: ada.root.key, seq: 1, hash: toHex(ada.root.records[1]?.hash ?? new Uint8Array()) },
  ];
  expect(await peer.append(...records)).toEqual({ added: 4, heads });
  expect(await peer.append(...records)).toEqual({ added: 0, heads });
  expect(await peer.append(record, record)).toMatchObject({ added: 0 });
});

test('tells the site that the head moved, once it is on disk', async () => {
  const ada = author('moves');
  const news = peer.hears(headMoved);
  await peer.append(...ada.records);
  expect(await news.next()).toEqual({ ordinal: 0, arrival: (await peer.runtime.data.logs.size()).arrival });
  news.stop();
});

test('refuses a whole append for one bad record', async () => {
  const ada = author('whole');
  const record = await release(ada, 'whole-package', '1.0.0', { upload: false });
  await expect(peer.append(...ada.records)).rejects.toMatchObject(code('BLOB_NOT_FOUND', { cid: (await packed('whole-package', '1.0.0')).cid }));
  expect(await peer.rpc.call(readLog, { key: record.key, from: 0, limit: 10 })).toEqual({ records: [] });
});

test('refuses a record whose signature, bytes or body were changed', async () => {
  const [first, second] = author('forged').root.records;
  if (!first || !second) throw new Error('a root log has two records');
  await expect(peer.append({ ...first, signature: second.signature })).rejects.toMatchObject({ code: 'BAD_SIGNATURE' });
  await expect(peer.append({ ...first, body: second.body })).rejects.toMatchObject({ code: 'BAD_RECORD' });
  await expect(peer.append({ ...first, body: undefined })).rejects.toMatchObject({ code: 'BAD_RECORD' });
  const garbled = new LogWriter('garbled');
  await expect(peer.append(garbled.writeBytes('release', new Uint8Array([0xa0])))).rejects.toMatchObject({ code: 'BAD_RECORD' });
});

test('what has its place in the site log only is not published', async () => {
  const ada = author('confused');
  ada.device.write('account', { id: 'ada', name: 'Ada', role: 'admin' });
  await expect(peer.append(...ada.records)).rejects.toMatchObject({ code: 'BAD_RECORD', message: expect.stringContaining('site log') });
});

test('takes records of kinds that it does not know yet', async () => {
  const ada = author('future');
  const record = ada.device.writeBytes('applause', new Uint8Array([0xa0]));
  expect(await peer.append(...ada.records)).toMatchObject({ added: 4 });
  expect((await peer.rpc.call(readLog, { key: ada.device.key, from: 1, limit: 1 })).head?.hash).toBe(toHex(record.hash));
});

test('a gap, or a second record in the place of a held one, is a stale head and freezes nothing', async () => {
  const ada = author('stale');
  const twin = author('stale');
  const [one, two] = [await release(ada, 'stale-package', '1.0.0'), await release(ada, 'stale-package', '1.0.1')];
  await expect(peer.append(...ada.root.records, two)).rejects.toMatchObject(code('STALE_HEAD', { key: ada.device.key, seq: -1, hash: null }));
  await peer.append(...ada.records);
  const other = await release(twin, 'stale-package', '2.0.0');
  await expect(peer.append(other)).rejects.toMatchObject(code('STALE_HEAD', { key: ada.device.key, seq: 2, hash: toHex(two.hash) }));
  expect(await peer.runtime.data.logs.fork(ada.device.key)).toBeUndefined();
  expect(await peer.append(one, two, await release(ada, 'stale-package', '1.0.2'))).toMatchObject({ added: 1 });
});

test('a key that nobody delegated, or that was revoked, publishes nothing', async () => {
  const ada = author('revoked');
  const record = await release(ada, 'revoked-package', '1.0.0');
  await expect(peer.append(...ada.device.records)).rejects.toMatchObject(code('NOT_DELEGATED', { key: ada.device.key, seq: 1 }));
  await peer.append(...ada.records);
  await peer.append(ada.root.write('revoke', { key: ada.device.key, lastSeq: 1, lastHash: record.hash }));
  await expect(peer.append(await release(ada, 'revoked-package', '1.0.1'))).rejects.toMatchObject(code('NOT_DELEGATED', { seq: 2 }));
});

test('a device delegates nobody', async () => {
  const ada = author('upstart');
  ada.device.write('delegate', { key: author('friend').device.key, name: 'friend' });
  await expect(peer.append(...ada.records)).rejects.toMatchObject(code('NOT_DELEGATED', { key: ada.device.key }));
});

test('a name belongs to who published it first, also within one append', async () => {
  const [ada, ben] = [author('owner'), author('squatter')];
  await release(ada, 'owned', '1.0.0');
  await release(ben, 'owned', '2.0.0');
  await expect(peer.append(...ada.records, ...ben.records)).rejects.toMatchObject(code('NAME_TAKEN', { name: 'owned', publisher: ada.id }));
  await peer.append(...ada.records);
  await expect(peer.append(...ben.records)).rejects.toMatchObject(code('NAME_TAKEN', { name: 'owned', publisher: ada.id }));
  const cy = author('meddler');
  cy.device.write('retract', { name: 'owned', version: '1.0.0', how: 'yank', reason: 'mine' });
  await expect(peer.append(...cy.records)).rejects.toMatchObject(code('NAME_TAKEN', { name: 'owned' }));
});

test('two publishers who take one name at the same time: one gets it', async () => {
  const authors = ['racer-1', 'racer-2', 'racer-3'].map(author);
  for (const [index, one] of authors.entries()) await release(one, 'raced', `1.0.${index}`);
  const outcomes = await Promise.allSettled(authors.map((one) => peer.append(...one.records)));
  expect(outcomes.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
  for (const one of outcomes) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'NAME_TAKEN' });
});

test('another tree of a published version is refused with the files that differ', async () => {
  const ada = author('again');
  await release(ada, 'again', '1.0.0', { files: { 'a.js': '1', 'b.js': '2', 'c.js': '3' } });
  await peer.append(...ada.records);
  const { cid } = await packed('again', '1.0.0', { files: { 'a.js': '1', 'b.js': '2', 'c.js': '3' } });
  const other = await release(ada, 'again', '1.0.0', { files: { 'a.js': '1', 'b.js': 'changed', 'd.js': '4' } });
  const files = { added: ['d.js'], removed: ['c.js'], changed: ['b.js'], total: 3 };
  await expect(peer.append(other)).rejects.toMatchObject(code('VERSION_EXISTS', { name: 'again', version: '1.0.0', cid, sameTree: false, files }));
});

test('the same tree signed again exists already and says so', async () => {
  const ada = author('twice');
  await release(ada, 'twice', '1.0.0');
  await peer.append(...ada.records);
  await expect(peer.append(await release(ada, 'twice', '1.0.0'))).rejects.toMatchObject(code('VERSION_EXISTS', { sameTree: true }));
});

test.each<[string, Partial<ReleaseBody>, object]>([
  ['another version', { version: '1.0.1' as ReleaseBody['version'] }, { fields: ['version'] }],
  ['another name', { name: 'liar-2' as ReleaseBody['name'] }, { fields: ['name'] }],
  ['other dependencies', { manifest: { dependencies: { 'left-pad': '^1.0.0' } } }, { fields: ['manifest'] }],
  ['another size', { size: 7 }, { fields: ['size'] }],
  ['another tree', { tree: sha256Of() }, { fields: ['tree'] }],
  ['other chunks', { chunks: [] }, { fields: ['chunks'] }],
  ['another integrity and file count', { integrity: `sha512-${'A'.repeat(86)}==`, files: 9 }, { fields: ['integrity', 'files'] }],
])('a release that says %s than its archive is refused', async (_what, says, details) => {
  const ada = author('liar');
  await release(ada, 'liar', '1.0.0', { says });
  await expect(peer.append(...ada.records)).rejects.toMatchObject(code('MANIFEST_MISMATCH', details));
});

test('tags and retractions name what exists', async () => {
  const ada = author('tagger');
  const name = 'tagged';
  ada.device.write('tag', { name, tag: 'next', version: '1.0.0' });
  await expect(peer.append(...ada.records)).rejects.toMatchObject(code('PACKAGE_NOT_FOUND', { name }));
  const ben = author('tagger-2');
  await release(ben, name, '1.0.0');
  ben.device.write('tag', { name, tag: 'next', version: '1.0.0' });
  ben.device.write('retract', { name, version: '1.0.0', how: 'deprecate', reason: 'old' });
  expect(await peer.append(...ben.records)).toMatchObject({ added: 6 });
  await expect(peer.append(ben.device.write('tag', { name, tag: 'next', version: '3.0.0' }))).rejects.toMatchObject(code('VERSION_NOT_FOUND', { wanted: '3.0.0', versions: ['1.0.0'] }));
});
