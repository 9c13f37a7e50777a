import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect } from 'node:net';
import { toWire, type WireRecord } from '@souk/domain';
import { packageOfFiles } from '@souk/testing/archives';
import { author, LogWriter, type Author } from '@souk/testing/builders';
import { flippedText } from './packages/flipped.ts';
import { ownCid } from './packages/own-cid.ts';
import { factsOf, signRelease, wire } from './packages/signed-release.ts';
import { publishSmall, requireKept, type Acknowledged } from './scenario/kept.ts';
import { Scenario } from './scenario/scenario.ts';

const world = new Scenario();
const site = world.site('a');
const kept: Acknowledged[] = [];

beforeAll(async () => {
  await site.start();
  kept.push(await publishSmall(world.person('ada').at(site), world.folder('kept'), { name: 'kept' }));
});
afterEach(() => requireKept(site, kept));
afterAll(() => world.end());

/** Somebody whose release of a package is signed but not sent; its archive is uploaded. */
async function readyToPost(name: string): Promise<Author> {
  const bytes = packageOfFiles({ 'package.json': JSON.stringify({ name, version: '1.0.0' }) });
  await site.put(`/v1/blobs/${ownCid(bytes)}`, bytes);
  const one = author(name);
  signRelease(one, await factsOf(bytes));
  return one;
}

const post = (records: readonly WireRecord[]) => site.post('/v1/records', { records });


test.each<[part: keyof WireRecord]>([['header'], ['signature'], ['body']])('a record with one bit of its %s changed is refused, and nothing of the append is kept', async (part) => {
  const { records } = wire(await readyToPost(`flipped-${part}`));
  const last = records.at(-1);
  if (!last) throw new Error('no record');
  const answer = await post([...records.slice(0, -1), { ...last, [part]: flippedText(String(last[part])) }]);
  expect(answer).toMatchObject({ status: 422, body: { code: expect.stringMatching(/^BAD_(RECORD|SIGNATURE)$/) } });
  expect(await site.get(`/v1/packages/flipped-${part}`)).toMatchObject({ status: 404 });
  expect(await post(records)).toMatchObject({ status: 201, body: { added: records.length } });
});

test('a release by a key that no root delegated is refused with 403', async () => {
  const one = await readyToPost('undelegated');
  const withoutDelegate = one.records.filter(({ fields }) => fields.kind !== 'delegate');
  expect(await post(withoutDelegate.map(toWire))).toMatchObject({ status: 403, body: { code: 'NOT_DELEGATED' } });
  const orphan = new LogWriter('orphan');
  orphan.write('inception', { rootKey: one.id });
  expect((await post(orphan.records.map(toWire))).status).toBeGreaterThanOrEqual(200);
  const release = orphan.write('release', await factsOf(packageOfFiles({ 'package.json': '{"name":"undelegated","version":"1.0.0"}' })));
  expect(await post([toWire(release)])).toMatchObject({ status: 403, body: { code: 'NOT_DELEGATED' } });
});

test('a record that does not continue the head is refused with 409, and the log goes on', async () => {
  const one = await readyToPost('stale');
  const { records } = wire(one);
  expect(await post(records)).toMatchObject({ status: 201 });
  // The same keys on another computer, which never saw the release.
  const twin = author('stale').device.write('star', { name: 'kept', on: true });
  expect(await post([toWire(twin)])).toMatchObject({ status: 409, body: { code: 'STALE_HEAD' } });
  one.device.write('star', { name: 'kept', on: true });
  expect(await post(wire(one).records)).toMatchObject({ status: 201, body: { added: 1 } });
  expect(await site.get('/v1/packages/stale/1.0.0')).toMatchObject({ status: 200 });
});

test('records about what does not exist are refused with 404', async () => {
  const one = await readyToPost('about');
  expect(await post(wire(one).records)).toMatchObject({ status: 201 });
  one.device.write('tag', { name: 'about', tag: 'next', version: '9.9.9' });
  expect(await post(wire(one).records)).toMatchObject({ status: 404, body: { code: 'VERSION_NOT_FOUND' } });
});

test.each<[what: string, init: RequestInit, status: number]>([
  ['no JSON', { body: '{' }, 400],
  ['no object', { body: '[]' }, 400],
  ['no records', { body: '{"records":[]}' }, 400],
  ['records of another form', { body: '{"records":[{"header":1}]}' }, 400],
  ['a header that is no base64', { body: '{"records":[{"header":"***","signature":"***"}]}' }, 400],
  ['too many records', { body: JSON.stringify({ records: Array.from({ length: 501 }, () => ({ header: 'AA', signature: 'AA' })) }) }, 400],
  ['another content type', { body: '<records/>', headers: { 'content-type': 'text/xml' } }, 415],
  ['another method', { method: 'DELETE' }, 405],
])('a request with %s is answered with an error body, never 5xx', async (_what, init, status) => {
  const answer = await site.ask('/v1/records', { method: 'POST', headers: { 'content-type': 'application/json' }, ...init });
  expect(answer).toMatchObject({ status, body: { code: expect.any(String), message: expect.any(String) } });
});

test('a deep JSON is refused, and a huge one before it is sent', async () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  expect(await site.ask('/v1/records', { method: 'POST', headers: { 'content-type': 'application/json' }, body: deep })).toMatchObject({ status: 400, body: { code: expect.stringMatching(/^BAD_/) } });
  const socket = connect(Number(new URL(site.url).port), '127.0.0.1');
  socket.write('POST /v1/records HTTP/1.1\r\nhost: site\r\ncontent-type: application/json\r\ncontent-length: 2000000000\r\n\r\n{"records":[');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  expect(answer.toString('utf8')).toMatch(/^HTTP\/1\.1 413 [\s\S]*"TOO_LARGE"/);
});

test('all that was accepted in between is there after kill -9', async () => {
  const names = ['flipped-header', 'flipped-signature', 'flipped-body', 'stale', 'about'];
  await site.kill();
  await site.start();
  for (const name of names) expect(await site.get(`/v1/packages/${name}/1.0.0`)).toMatchObject({ status: 200 });
});
