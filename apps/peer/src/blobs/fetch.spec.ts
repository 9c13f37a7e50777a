import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { fetchBlobs, headMoved, lookupBlob, observed, readChanges, readObservations, readPeers, readSelf, scoresChanged, type FetchProgress } from '@souk/contracts';
import { sameBytes, type PackageName, type Version } from '@souk/domain';
import { author, type Author, packed, type Packed } from '@souk/testing';
import { allOf } from '../testing/all-of.ts';
import { TestPeer } from '../testing/test-peer.ts';

let [ada, here, there]: [Author, TestPeer, TestPeer] = [] as never;

beforeEach(async () => {
  ada = author('ada');
  there = await TestPeer.start();
  here = await TestPeer.start({ env: { SOUK_JOIN: await there.invite() } });
});
afterEach(async () => {
  await here[Symbol.asyncDispose]();
  await there[Symbol.asyncDispose]();
});

const wanted = ({ body, cid }: Packed): { cid: Packed['cid']; name: PackageName; version: Version } => ({ cid, name: body.name, version: body.version });

/** Text that does not compress, the same for the same name. */
const noise = (name: string, length: number): string => createHash('shake256', { outputLength: length }).update(name).digest('base64');

async function publishThere(name: string, options: { readonly upload?: boolean; readonly size?: number } = {}): Promise<Packed> {
  const one = await packed(name, '1.0.0', { files: { 'data.bin': noise(name, options.size ?? 1) } });
  await there.upload(one.cid, one.bytes);
  ada.device.write('release', one.body);
  await there.append(...ada.records);
  if (options.upload === false) await there.runtime.data.blobs.delete(one.cid);
  return one;
}

/** Waits until `here` says that its catalogue is as far as `ada`'s logs. */
async function arrived(): Promise<void> {
  const news = here.hears(headMoved);
  while ((await here.runtime.data.logs.size()).records < ada.records.length) await news.next();
  news.stop();
}

test('records of another peer arrive and move the head', async () => {
  await publishThere('mitt');
  await arrived();
  expect((await here.rpc.call(readChanges, { after: 0, limit: 10 })).packages).toMatchObject([{ name: 'mitt', version: '1.0.0' }]);
  const [one, other] = [await here.rpc.call(readSelf, {}), await there.rpc.call(readSelf, {})];
  expect(one.status).toMatchObject({ headRoot: other.status.headRoot, network: other.status.network, records: 4, blobs: 0, links: 1 });
  expect(other.status.blobs).toBe(1);
});

test('fetches blobs from the other peer, tells the progress, and holds them afterwards', async () => {
  const blobs = [await publishThere('mitt'), await publishThere('ms', { size: 2_000_000 })];
  await arrived();
  const news = here.hears(observed);
  const progress: FetchProgress[] = await allOf(here.rpc.stream(fetchBlobs, { blobs: blobs.map(wanted) }));
  for (const { cid, bytes } of blobs) {
    expect(progress.findLast((one) => one.cid === cid)).toMatchObject({ done: true, bytes: bytes.length, total: bytes.length });
    expect(sameBytes(new Uint8Array(await (await here.blob(cid)).arrayBuffer()), bytes)).toBe(true);
  }
  expect((await here.rpc.call(readSelf, {})).status.blobs).toBe(2);
  await news.next();
  news.stop();
  expect((await here.rpc.call(readObservations, { after: 0, limit: 10 })).observations).toContainEqual(expect.objectContaining({ peer: there.runtime.node.peerId, outcome: 'ok' }));
  const again: FetchProgress[] = await allOf(here.rpc.stream(fetchBlobs, { blobs: blobs.map(wanted) }));
  expect(again).toEqual(blobs.map(({ cid, bytes }) => ({ cid, bytes: bytes.length, total: bytes.length, providers: 0, done: true })));
});

test('fetches all that can be had, then names all that cannot', async () => {
  const gone = [await publishThere('gone-1', { upload: false }), await publishThere('gone-2', { upload: false })];
  const mitt = await publishThere('mitt');
  await arrived();
  const fetching = allOf(here.rpc.stream(fetchBlobs, { blobs: [...gone, mitt].map(wanted) }));
  const missing = expect.arrayContaining(gone.map((one) => expect.objectContaining(wanted(one))));
  await expect(fetching).rejects.toMatchObject({ code: 'NO_PROVIDER', message: expect.stringMatching(/gone-1@1.0.0.*gone-2@1.0.0|gone-2@1.0.0.*gone-1@1.0.0/), details: { missing, total: 2 } });
  expect((await here.blob(mitt.cid)).status).toBe(200);
});

test('a blob that no release names is not fetched', async () => {
  const mitt = await publishThere('mitt');
  await arrived();
  const other = await packed('other', '1.0.0');
  const fetchOf = (blob: ReturnType<typeof wanted>): Promise<unknown> => allOf(here.rpc.stream(fetchBlobs, { blobs: [blob] }));
  await expect(fetchOf(wanted(other))).rejects.toMatchObject({ code: 'PACKAGE_NOT_FOUND' });
  await expect(fetchOf({ ...wanted(mitt), cid: other.cid })).rejects.toMatchObject({ code: 'VERSION_NOT_FOUND' });
});

test('finds providers, and shows links with the scores that were told', async () => {
  const mitt = await publishThere('mitt');
  await arrived();
  const peer = there.runtime.node.peerId;
  expect(await here.rpc.call(lookupBlob, { cid: mitt.cid })).toMatchObject({ cid: mitt.cid, tier: 'peers', providers: [{ peer }] });
  expect(await there.rpc.call(lookupBlob, { cid: mitt.cid })).toMatchObject({ tier: 'local' });
  await here.rpc.emit(scoresChanged, { scores: { [peer]: 0.25 } });
  expect((await here.rpc.call(readPeers, {})).peers).toMatchObject([{ peer, score: 0.25 }]);
});
