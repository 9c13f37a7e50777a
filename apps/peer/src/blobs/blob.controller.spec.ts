import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readSelf } from '@souk/contracts';
import { blobCid, sha256Of } from '@souk/domain';
import { packed, type Packed } from '@souk/testing';
import { TestPeer } from '../testing/test-peer.ts';

let peer: TestPeer;
let mitt: Packed;

beforeAll(async () => {
  peer = await TestPeer.start({ env: { SOUK_MAX_BLOB: '100000' } });
  mitt = await packed('mitt', '1.0.0');
  await peer.upload(mitt.cid, mitt.bytes);
});
afterAll(() => peer[Symbol.asyncDispose]());

const bytesOf = async (response: Response): Promise<Uint8Array> => new Uint8Array(await response.arrayBuffer());
const drafts = (): Promise<string[]> => readdir(join(peer.folder, 'drafts'));

test('an upload is 201, the same again 200', async () => {
  const one = await packed('fresh', '1.0.0');
  const first = await peer.upload(one.cid, one.bytes);
  expect([first.status, await first.json()]).toEqual([201, { cid: one.cid, size: one.bytes.length }]);
  const second = await peer.upload(one.cid, one.bytes);
  expect([second.status, await second.json()]).toEqual([200, { cid: one.cid, size: one.bytes.length }]);
});

test('a download gives the bytes and says what they are', async () => {
  const response = await peer.blob(mitt.cid);
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({ etag: `"${mitt.cid}"`, 'accept-ranges': 'bytes', 'content-length': String(mitt.bytes.length) });
  expect(await bytesOf(response)).toEqual(mitt.bytes);
});

test('HEAD says the size without the bytes', async () => {
  const response = await peer.blob(mitt.cid, { method: 'HEAD' });
  expect([response.status, response.headers.get('content-length'), (await bytesOf(response)).length]).toEqual([200, String(mitt.bytes.length), 0]);
  expect((await peer.blob((await packed('absent', '1.0.0')).cid, { method: 'HEAD' })).status).toBe(404);
});

test('a range is 206 with its place, one beyond the end 416, several the whole', async () => {
  const size = mitt.bytes.length;
  const part = await peer.blob(mitt.cid, { headers: { range: 'bytes=10-19' } });
  expect([part.status, part.headers.get('content-range'), await bytesOf(part)]).toEqual([206, `bytes 10-19/${size}`, mitt.bytes.slice(10, 20)]);
  const end = await peer.blob(mitt.cid, { headers: { range: 'bytes=-5' } });
  expect([end.status, await bytesOf(end)]).toEqual([206, mitt.bytes.slice(-5)]);
  const beyond = await peer.blob(mitt.cid, { headers: { range: `bytes=${size}-` } });
  expect([beyond.status, beyond.headers.get('content-range'), await beyond.json()]).toEqual([416, `bytes */${size}`, expect.objectContaining({ code: 'RANGE_NOT_SATISFIABLE' })]);
  expect((await peer.blob(mitt.cid, { headers: { range: 'bytes=0-1,4-5' } })).status).toBe(200);
});

test('a blob that the client has is 304; a range of another one is the whole', async () => {
  const same = await peer.blob(mitt.cid, { headers: { 'if-none-match': `"${mitt.cid}"` } });
  expect([same.status, (await bytesOf(same)).length]).toEqual([304, 0]);
  expect((await peer.blob(mitt.cid, { headers: { range: 'bytes=0-1', 'if-range': '"other"' } })).status).toBe(200);
});

test.each<[string, string, RequestInit, number, string]>([
  ['no secret', 'bafkreia', { headers: { authorization: '' } }, 401, 'UNAUTHORIZED'],
  ['another secret', 'bafkreia', { headers: { authorization: 'Bearer secret-of-another-site' } }, 401, 'UNAUTHORIZED'],
  ['an upload without secret', 'bafkreia', { method: 'PUT', headers: { authorization: 'Basic x', 'content-type': 'application/octet-stream' }, body: 'x' }, 401, 'UNAUTHORIZED'],
  ['no cid', 'bafkreia', {}, 400, 'BAD_CID'],
  ['a blob that is not here', blobCid(sha256Of()), {}, 404, 'BLOB_NOT_FOUND'],
  ['another content type', blobCid(sha256Of()), { method: 'PUT', headers: { 'content-type': 'text/html' }, body: 'x' }, 415, 'UNSUPPORTED_MEDIA'],
  ['no body', blobCid(sha256Of()), { method: 'PUT' }, 415, 'UNSUPPORTED_MEDIA'],
])('%s', async (_what, cid, init, status, code) => {
  const response = await peer.blob(cid, init);
  expect([response.status, await response.json()]).toEqual([status, expect.objectContaining({ code })]);
});

test('bytes of another cid, no archive, and what breaks the policy leave nothing behind', async () => {
  const other = await packed('other', '1.0.0');
  const junk = new Uint8Array(gzipSync('not a tar archive'));
  const cases = [
    [mitt.cid.replace(mitt.cid, other.cid), mitt.bytes, 422, 'CID_MISMATCH'],
    [blobCid(sha256Of(junk)), junk, 422, 'BAD_ARCHIVE'],
    [blobCid(sha256Of(other.bytes.slice(0, 50))), other.bytes.slice(0, 50), 422, 'BAD_ARCHIVE'],
  ] as const;
  for (const [cid, bytes, status, code] of cases) {
    const response = await peer.upload(cid as Packed['cid'], bytes);
    expect([response.status, await response.json()]).toEqual([status, expect.objectContaining({ code })]);
    expect((await peer.blob(cid)).status).toBe(404);
  }
  expect(await drafts()).toEqual([]);
});

test('too large an upload is 413 with the limit, whether announced or streamed', async () => {
  const large = new Uint8Array(300_000);
  const cid = blobCid(sha256Of(large));
  const streamed = new ReadableStream({
    start(controller) {
      controller.enqueue(large);
      controller.close();
    },
  });
  const refused = [413, expect.objectContaining({ code: 'TOO_LARGE', details: { limit: 100_000 } })];
  const announced = await peer.upload(cid, large);
  expect([announced.status, await announced.json()]).toEqual(refused);
  expect((await peer.blob(mitt.cid)).status).toBe(200);
  const unannounced = await peer.blob(cid, { method: 'PUT', body: streamed, duplex: 'half', headers: { 'content-type': 'application/octet-stream' } } as RequestInit);
  expect([unannounced.status, await unannounced.json()]).toEqual(refused);
  expect(await drafts()).toEqual([]);
});

test('an upload that breaks off leaves nothing behind', async () => {
  const { cid, bytes } = await packed('broken-off', '1.0.0');
  const { blobs } = await peer.rpc.call(readSelf, {});
  const socket = connect(Number(new URL(blobs.url).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(`PUT /blobs/${cid} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer secret-of-this-site\r\ncontent-type: application/octet-stream\r\ncontent-length: ${bytes.length}\r\n\r\n`);
  socket.write(bytes.subarray(0, 30));
  while ((await drafts()).length === 0) await new Promise((resolve) => setImmediate(resolve));
  socket.destroy();
  while ((await drafts()).length > 0) await new Promise((resolve) => setImmediate(resolve));
  expect((await peer.blob(cid)).status).toBe(404);
});
