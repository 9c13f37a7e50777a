import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { hostileArchives, packageOfFiles, type HostileArchive } from '@souk/testing/archives';
import { ownCid } from './packages/own-cid.ts';
import { writeBytes, writePackage } from './packages/written-package.ts';
import { inParallel } from './scenario/in-parallel.ts';
import { publishSmall, requireKept, type Acknowledged } from './scenario/kept.ts';
import { Scenario } from './scenario/scenario.ts';

const limit = 100_000;
const world = new Scenario();
const site = world.site('a').with({ SOUK_MAX_BLOB: String(limit) });
const ada = world.person('ada');
const kept: Acknowledged[] = [];

beforeAll(async () => {
  ada.at(await site.start());
  kept.push(await publishSmall(ada, world.folder('kept'), { name: 'kept' }));
});
afterEach(() => requireKept(site, kept));
afterAll(() => world.end());

const put = (bytes: Uint8Array, cid = ownCid(bytes)) => site.put(`/v1/blobs/${cid}`, bytes);
/** Names of blobs and of unfinished ones in the site's data folder. */
const onDisk = (): string[] => globSync('{blobs/*/*,drafts/*}', { cwd: site.data });
const sound = packageOfFiles({ 'package.json': '{"name":"sound","version":"1.0.0"}', 'a.txt': 'some text '.repeat(100) });

/** One archive for each rule that needs no limits of its own, small enough for this site. */
const oneOfEachRule = [...new Map(hostileArchives.filter((one) => one.limits === undefined).map((one): [string, HostileArchive] => [one.rule, one])).values()].filter((one) => one.bytes().length < limit);

test('hostile archives of every kind are refused at upload with 422, rule and entry, and not kept', async () => {
  const answers = await inParallel(oneOfEachRule, (one) => put(one.bytes()));
  expect(answers.map(({ status, body }, at) => [oneOfEachRule[at]?.rule, status, body])).toEqual(
    oneOfEachRule.map(({ rule }) => [rule, 422, expect.objectContaining({ code: 'BAD_ARCHIVE', details: { violations: expect.arrayContaining([expect.objectContaining({ rule, entry: expect.any(String) })]) } })]),
  );
  expect(oneOfEachRule.length).toBeGreaterThan(20);
  expect(onDisk()).toHaveLength(1);
});

test('the command refuses them by itself, with exit code 4 and the rules it names to people too', async () => {
  const one = oneOfEachRule.find(({ rule }) => rule === 'traversal');
  const file = writeBytes(join(ada.project, 'hostile.tgz'), one?.bytes() ?? '');
  expect(await ada.souk('publish', file)).toMatchObject({ code: 4, json: { code: 'BAD_ARCHIVE', details: { violations: expect.arrayContaining([expect.objectContaining({ rule: 'traversal' })]) } } });
  expect(await ada.text('publish', file)).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('traversal') });
});

test.each([
  ['is no gzip', gunzipSync(sound), 'not-gzip'],
  ['was cut', sound.subarray(0, sound.length - 20), 'truncated'],
  ['is a text', Buffer.from('hello'), 'not-gzip'],
  ['is empty', Buffer.alloc(0), 'not-gzip'],
])('a file that %s is refused by the command and by the site', async (_what, bytes, rule) => {
  const violations = expect.arrayContaining([expect.objectContaining({ rule })]);
  expect(await ada.souk('publish', writeBytes(join(ada.project, 'broken.tgz'), bytes))).toMatchObject({ code: 4, json: { code: 'BAD_ARCHIVE', details: { violations } } });
  expect(await put(bytes)).toMatchObject({ status: 422, body: { code: 'BAD_ARCHIVE', details: { violations } } });
  expect(onDisk()).toHaveLength(1);
});

test('other bytes than the cid names are refused with 422; what is no cid with 400', async () => {
  expect(await put(sound, ownCid(Buffer.from('other')))).toMatchObject({ status: 422, body: { code: 'CID_MISMATCH' } });
  expect(await put(sound, 'bafy')).toMatchObject({ status: 400 });
  expect(onDisk()).toHaveLength(1);
});

test('too large is 413 with the limit, whether the client says so first or not; the command exits with 4', async () => {
  const large = packageOfFiles({ 'package.json': '{"name":"large","version":"1.0.0"}', 'noise.bin': randomBytes(limit) });
  const tooLarge = { status: 413, body: { code: 'TOO_LARGE', message: expect.stringContaining(String(limit)), details: { limit } } };
  expect(await put(large)).toMatchObject(tooLarge);
  const pieces = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (let at = 0; at < large.length; at += 10_000) controller.enqueue(new Uint8Array(large.subarray(at, at + 10_000)));
      controller.close();
    },
  });
  const unannounced: RequestInit & { duplex: 'half' } = { method: 'PUT', headers: { 'content-type': 'application/octet-stream' }, body: pieces, duplex: 'half' };
  expect(await site.ask(`/v1/blobs/${ownCid(large)}`, unannounced)).toMatchObject(tooLarge);
  const said = await ada.souk('publish', writePackage(world.folder('large'), { name: 'large', version: '1.0.0' }, { 'noise.bin': randomBytes(limit) }));
  expect(said).toMatchObject({ code: 4, json: { code: 'TOO_LARGE', details: { limit } } });
  expect(onDisk()).toHaveLength(1);
});

test('after all that ada still publishes, and the version that was too large once it is smaller', async () => {
  kept.push(await publishSmall(ada, world.folder('small'), { name: 'large' }));
  expect(onDisk()).toHaveLength(2);
});
