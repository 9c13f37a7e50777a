import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { toWire } from '@souk/domain';
import { author, packed, type Author, type Packed } from '@souk/testing';
import { loadSiteSettings } from './config.ts';
import { startSite, type RunningSite } from './site.ts';

let folder: string;
let sites: RunningSite[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'souk-site-'));
  sites = [];
});
afterEach(async () => {
  for (const site of sites) await site.close();
  await rm(folder, { recursive: true, force: true });
});

async function started(name: string, env: Record<string, string> = {}): Promise<RunningSite> {
  const site = await startSite(loadSiteSettings({ SOUK_DATA: join(folder, name), SOUK_PORT: '0', SOUK_P2P_HOST: '127.0.0.1', SOUK_P2P_PATIENCE: '5', ...env }));
  sites.push(site);
  return site;
}

const get = async (site: RunningSite, path: string): Promise<unknown> => (await fetch(`${site.url}${path}`)).json();

async function publish(site: RunningSite, by: Author, one: Packed): Promise<number> {
  const upload = await fetch(`${site.url}/v1/blobs/${one.cid}`, { method: 'PUT', body: one.bytes, headers: { 'content-type': 'application/octet-stream' } });
  expect(upload.status).toBe(201);
  by.device.write('release', one.body);
  const answer = await fetch(`${site.url}/v1/records`, { method: 'POST', body: JSON.stringify({ records: by.records.map(toWire) }), headers: { 'content-type': 'application/json' } });
  return answer.status;
}

/** Asks until the answer is as expected: search follows the peer without anybody waiting for it. */
async function until(ask: () => Promise<unknown>, isRight: (answer: unknown) => boolean): Promise<unknown> {
  for (;;) {
    const answer = await ask();
    if (isRight(answer)) return answer;
  }
}

const finds = (total: number) => (answer: unknown) => (answer as { total: number }).total === total;

test('one process publishes, finds, resolves and installs', async () => {
  const site = await started('a');
  const ada = author('ada');
  expect(await publish(site, ada, await packed('ms', '2.1.0'))).toBe(201);
  expect(await publish(site, ada, await packed('debug', '4.0.0', { manifest: { description: 'Prints when asked to', dependencies: { ms: '^2.0.0' } } }))).toBe(201);
  await until(() => get(site, '/v1/search?q=prints'), finds(1));
  expect(await get(site, '/v1/packages/debug/latest')).toMatchObject({ version: '4.0.0', publisher: ada.id });
  const install = await fetch(`${site.url}/v1/installs`, { method: 'POST', body: JSON.stringify({ dependencies: { debug: '^4.0.0' } }), headers: { 'content-type': 'application/json' } });
  const events = await install.text();
  expect(events).toContain('"type":"plan"');
  expect(events).toMatch(/"type":"done","packages":2/);
  expect(await get(site, '/v1/packages/debog/latest')).toMatchObject({ code: 'PACKAGE_NOT_FOUND', details: { near: ['debug'] } });
});

test('a blob that a known release names is fetched for whoever asks by its cid alone; any other blob is not', async () => {
  const [ada, first] = [author('ada'), await started('a')];
  const [named, unnamed] = [await packed('ms', '2.1.0'), await packed('uploaded-only', '1.0.0')];
  await publish(first, ada, named);
  await fetch(`${first.url}/v1/blobs/${unnamed.cid}`, { method: 'PUT', body: unnamed.bytes, headers: { 'content-type': 'application/octet-stream' } });
  const second = await started('b', { SOUK_JOIN: first.invite });
  await until(() => get(second, '/v1/network/self'), (self) => (self as { records: number }).records === ada.records.length);
  const range = await fetch(`${second.url}/v1/blobs/${named.cid}`, { headers: { range: 'bytes=0-4' } });
  expect([range.status, new Uint8Array(await range.arrayBuffer())]).toEqual([206, named.bytes.slice(0, 5)]);
  const refused = await fetch(`${second.url}/v1/blobs/${unnamed.cid}`);
  expect([refused.status, await refused.json()]).toEqual([404, expect.objectContaining({ code: 'BLOB_NOT_FOUND' })]);
  expect(await get(second, '/v1/network/self')).toMatchObject({ blobs: 1 });
});

test('a second site that joins by invite finds and installs what the first one published', async () => {
  const [ada, first] = [author('ada'), await started('a')];
  await publish(first, ada, await packed('ms', '2.1.0'));
  const second = await started('b', { SOUK_JOIN: first.invite });
  await until(() => get(second, '/v1/search?q=ms'), finds(1));
  const install = await fetch(`${second.url}/v1/installs`, { method: 'POST', body: JSON.stringify({ dependencies: { ms: '*' } }), headers: { 'content-type': 'application/json' } });
  expect(await install.text()).toMatch(/"type":"done","packages":1/);
  const [one, other] = [await get(first, '/v1/network/self'), await get(second, '/v1/network/self')];
  expect(other).toMatchObject({ headRoot: (one as { headRoot: string }).headRoot, blobs: 1 });
});

test('whoever follows the changes of one site hears of what is published at another, and keeps no site from stopping', async () => {
  const [ada, first] = [author('ada'), await started('a')];
  const second = await started('b', { SOUK_JOIN: first.invite });
  const stream = await fetch(`${second.url}/v1/changes`);
  expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  const told = (stream.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
  let heard = '';
  const hear = async (what: RegExp): Promise<RegExpExecArray> => {
    for (let found: RegExpExecArray | null; ; heard += (await told.next()).value ?? '') if ((found = what.exec(heard))) return found;
  };
  await hear(/id: \d+\nevent: cursor\n/);
  await publish(first, ada, await packed('ms', '2.1.0'));
  await hear(/event: changed\ndata: .*"name":"ms","version":"2.1.0"/);
  const [, cursor = ''] = await hear(/"version":"2.1.0"[^]*id: (\d+)\n/);
  await second.close();
  while (!(await told.next()).done);
  const again = await started('b');
  const later = await fetch(`${again.url}/v1/changes?after=0`, { headers: { 'last-event-id': cursor } });
  const { value } = await (later.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader().read();
  expect(value).toBe(`id: ${cursor}\nevent: cursor\ndata: {"type":"cursor","cursor":${cursor},"caughtUp":true}\n\n`);
  const wrong = await fetch(`${again.url}/v1/changes`, { headers: { 'last-event-id': 'x' } });
  expect([wrong.status, await wrong.json()]).toEqual([400, expect.objectContaining({ code: 'BAD_REQUEST' })]);
});

test('a site that cannot start leaves nothing running: the data folder is free again', async () => {
  const site = await started('a');
  const port = new URL(site.url).port;
  await expect(started('b', { SOUK_PORT: port })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  await started('b');
});

test('names every wrong setting of every service at once, and shows no secret', () => {
  const env = { SOUK_P2P_PORT: '70000', SOUK_MAX_BLOB: 'big', SOUK_TOKEN: 'short', SOUK_ANNOUNCE: 'xml', SOUK_JOIN: 'souk1_secret' };
  expect(() => loadSiteSettings(env)).toThrow(expect.objectContaining({ code: 'BAD_CONFIG', message: expect.stringMatching(/SOUK_ANNOUNCE(.|\n)*SOUK_P2P_PORT(.|\n)*SOUK_JOIN(.|\n)*SOUK_MAX_BLOB(.|\n)*SOUK_TOKEN/) }));
  expect(() => loadSiteSettings(env)).not.toThrow(/souk1_secret|"short"/);
});

test('settings of NATS are refused, with the command that heeds them, and the password is not shown', () => {
  const env = { SOUK_NATS_URL: 'nats://127.0.0.1:4222', SOUK_NATS_USER: 'peer', SOUK_NATS_PASSWORD: 'a-secret-one' };
  expect(() => loadSiteSettings(env)).toThrow(expect.objectContaining({ code: 'BAD_CONFIG', message: expect.stringMatching(/^3 settings(.|\n)*SOUK_NATS_URL="nats:(.|\n)*npm run services(.|\n)*SOUK_NATS_USER(.|\n)*SOUK_NATS_PASSWORD="\*\*\*"/) }));
  expect(() => loadSiteSettings(env)).not.toThrow(/a-secret-one/);
});

test('every site has a secret of its own; empty variables count as unset', () => {
  const [one, other] = [loadSiteSettings({ SOUK_PORT: '' }), loadSiteSettings({ SOUK_SITE_SECRET: '' })];
  expect(one.peer.siteSecret).toBe(one.gateway.siteSecret);
  expect(one.peer.siteSecret).not.toBe(other.peer.siteSecret);
  expect(one.gateway.httpPort).toBe(7685);
});
