import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { readBackup } from '@souk/archive';
import { appendRecords, checkStorage, headMoved, readChanges, readLog, readPackage, readPublisher } from '@souk/contracts';
import { encodeCbor, toWire, verify, type KeyId, type WireRecord } from '@souk/domain';
import { restoreFolder } from '@souk/store';
import { author, laterRecord, packed, type Author, type Packed } from '@souk/testing';
import { inFolder } from '@souk/testing/conformance';
import { allOf } from '../testing/all-of.ts';
import { TestPeer } from '../testing/test-peer.ts';

const body = encodeCbor({ colour: 'ultraviolet', layers: [1, 2, { deep: [null, 2.5] }], bytes: Uint8Array.of(0, 255) });

/** A publisher of a later version: records of a kind that today does not know, before and behind a release that says more than today understands. */
async function laterAuthor(): Promise<{ ada: Author; kit: Packed; records: WireRecord[] }> {
  const ada = author('ada of tomorrow');
  const kit = await packed('later-kit', '1.0.0');
  ada.device.writeBytes('hologram', body, { later: { more: [1, { x: null }] } });
  ada.device.write('release', { ...kit.body, badge: { colour: 'gold' } });
  const last = ada.device.writeBytes('hologram', Uint8Array.of(0xa0));
  const more = laterRecord(last, ada.device.signer, { witness: { of: 'a later header' }, ext: { later: 1 } });
  ada.device.records[ada.device.records.length - 1] = verify(more);
  return { ada, kit, records: ada.records.map(toWire) };
}

const logOf = async (peer: TestPeer, key: KeyId): Promise<WireRecord[]> => (await peer.rpc.call(readLog, { key, from: 0, limit: 100 })).records;

async function holds(peer: TestPeer, key: KeyId, count: number): Promise<void> {
  const news = peer.hears(headMoved);
  while ((await logOf(peer, key)).length < count) await news.next();
  news.stop();
}

/** What a peer makes of the later author: everything that it knows of the package and of nothing else. */
async function expectUnharmed(peer: TestPeer, { ada, kit, records }: Awaited<ReturnType<typeof laterAuthor>>): Promise<void> {
  expect([...(await logOf(peer, ada.root.key)), ...(await logOf(peer, ada.device.key))]).toEqual(records);
  expect(await peer.rpc.call(readPackage, { name: kit.body.name })).toMatchObject({ publisher: ada.id, latest: '1.0.0', totalVersions: 1 });
  expect((await peer.rpc.call(readChanges, { after: 0, limit: 500 })).packages.map((one) => one.name)).toEqual(['later-kit']);
  expect(await peer.rpc.call(readPublisher, { id: ada.id })).toMatchObject({ keys: [{ standing: 'good' }, { standing: 'good' }] });
  const findings = (await allOf(peer.rpc.stream(checkStorage, { blobs: false, fix: false }))).filter((one) => one.type === 'finding' && one.finding.check === 'records');
  expect(findings).toEqual([]);
}

test('what this version does not know goes through a peer byte for byte: by rpc, to a peer that has it from nobody else, into a backup and out of it', async () => {
  const later = await laterAuthor();
  const a = await TestPeer.start();
  await using b = await TestPeer.start({ env: { SOUK_JOIN: await a.invite() } });
  await a.upload(later.kit.cid, later.kit.bytes);
  await a.rpc.call(appendRecords, { records: later.records });
  await holds(b, later.ada.device.key, later.ada.device.records.length);
  await a[Symbol.asyncDispose]();
  await using c = await TestPeer.start({ env: { SOUK_JOIN: await b.invite() } });
  await holds(c, later.ada.device.key, later.ada.device.records.length);
  await expectUnharmed(b, later);
  await expectUnharmed(c, later);
  await inFolder(async (folder) => {
    const { blobs } = await c.self();
    const response = await fetch(`${blobs.url}/backup`, { headers: { authorization: 'Bearer secret-of-this-site' } });
    const target = join(folder, 'restored');
    expect(await restoreFolder(target, readBackup(Readable.fromWeb(response.body as never)))).toMatchObject({ records: later.records.length });
    await using restored = await TestPeer.start({ folder: target, env: { SOUK_JOIN: await c.invite() } });
    await expectUnharmed(restored, later);
  });
});

test('a record of a higher version is refused with what to do, with everything that was sent beside it; the log goes on from where it was', async () => {
  await using peer = await TestPeer.start();
  const [ada, bob] = [author('tomorrow'), author('somebody else')];
  await peer.append(...ada.records);
  const next = ada.device.writeBytes('note', Uint8Array.of(0xa0));
  const higher = toWire(laterRecord(next, ada.device.signer, { v: 2 }));
  for (const records of [[higher], [...bob.records.map(toWire), higher]]) {
    await expect(peer.rpc.call(appendRecords, { records })).rejects.toMatchObject({ code: 'UPGRADE_NEEDED', hint: expect.stringContaining('Upgrade Souk'), details: { version: 2 } });
  }
  expect((await peer.runtime.data.logs.size()).records).toBe(3);
  expect(await peer.append(...bob.records, next)).toMatchObject({ added: 4 });
});
