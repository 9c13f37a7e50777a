import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { toWire } from '@souk/domain';
import { gatewayConfig, gatewayHttp, GatewayModule } from '@souk/gateway/module';
import { InstallModule } from '@souk/install/module';
import { loadConfigs, Readiness, type RunningService } from '@souk/nest';
import { peerConfig, peerHttp, PeerModule } from '@souk/peer/module';
import { ReputationModule } from '@souk/reputation/module';
import { SearchModule } from '@souk/search/module';
import { author, packed, type Author, type Packed } from '@souk/testing';
import { loadSiteSettings } from './config.ts';
import { RunningServices } from './running-services.ts';

const peers = 3;
const secret = 'secret-of-this-site';
let folder: string;
let services: RunningServices;
let url: string;
const running = new Map<number, RunningService>();

const folderOf = (ordinal: number): string => join(folder, String(ordinal));

async function runPeer(ordinal: number, { ready = true } = {}): Promise<void> {
  const env = { SOUK_PEERS: String(peers), SOUK_ORDINAL: String(ordinal), SOUK_NETWORK_KEY: '7'.repeat(64), SOUK_SITE_SECRET: secret, SOUK_DATA: folderOf(ordinal), SOUK_P2P_HOST: '127.0.0.1', SOUK_P2P_PATIENCE: '5' };
  const { peer } = loadConfigs({ peer: peerConfig }, env);
  const service = await services.start('peer', PeerModule.with(peer), peerHttp, ordinal);
  running.set(ordinal, service);
  if (ready) await service.app.get(Readiness).whenReady();
}

async function losePeer(ordinal: number, { disk = false } = {}): Promise<void> {
  await running.get(ordinal)?.close();
  running.delete(ordinal);
  if (disk) await rm(folderOf(ordinal), { recursive: true, force: true });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'souk-peers-'));
  services = new RunningServices('silent');
  const env = { SOUK_SITE_SECRET: secret, SOUK_PEERS: String(peers), SOUK_PORT: '0' };
  const settings = loadSiteSettings({ SOUK_SITE_SECRET: secret });
  const { gateway } = loadConfigs({ gateway: gatewayConfig }, env);
  await Promise.all(Array.from({ length: peers }, (_, ordinal) => runPeer(ordinal)));
  await services.start('search', SearchModule.with({ ...settings.search, peers }));
  await services.start('reputation', ReputationModule.with({ ...settings.reputation, peers }));
  await services.start('install', InstallModule.with({ ...settings.install, peers }));
  ({ url } = await services.start('gateway', GatewayModule.with(gateway), gatewayHttp(gateway)));
  await services.ready();
});
afterEach(async () => {
  await services.close();
  await rm(folder, { recursive: true, force: true });
});

const json = { 'content-type': 'application/json' };
const get = async (path: string): Promise<{ status: number; body: unknown }> => {
  const response = await fetch(`${url}${path}`);
  return { status: response.status, body: await response.json() };
};

/** Uploads and posts; the answer that decides. */
async function publish(by: Author, one: Packed): Promise<{ status: number; body: unknown }> {
  const upload = await fetch(`${url}/v1/blobs/${one.cid}`, { method: 'PUT', body: one.bytes, headers: { 'content-type': 'application/octet-stream' } });
  if (!upload.ok) return { status: upload.status, body: await upload.json() };
  const answer = await fetch(`${url}/v1/records`, { method: 'POST', body: JSON.stringify({ records: by.records.map(toWire) }), headers: json });
  return { status: answer.status, body: await answer.json() };
}

async function goodsOf(by: Author, version: string): Promise<Packed> {
  const one = await packed('lamp', version);
  by.device.write('release', one.body);
  return one;
}

async function installs(range: string): Promise<string> {
  const answer = await fetch(`${url}/v1/installs`, { method: 'POST', body: JSON.stringify({ dependencies: { lamp: range } }), headers: json });
  return answer.text();
}

async function untilFound(total: number): Promise<void> {
  while (((await get('/v1/search?q=lamp')).body as { total?: number }).total !== total) await new Promise((resolve) => setImmediate(resolve));
}

test('the disk of each peer is lost in turn: everything stays installable, and names and versions are judged as before', async () => {
  const [ada, eve] = [author('ada'), author('eve')];
  const first = await goodsOf(ada, '1.0.0');
  const goods = [first];
  expect(await publish(ada, first)).toMatchObject({ status: 201 });
  for (const ordinal of [1, 0, 2]) {
    await losePeer(ordinal, { disk: true });
    await runPeer(ordinal);
    for (const { cid, bytes } of goods) expect(new Uint8Array(await (await fetch(`${url}/v1/blobs/${cid}`)).arrayBuffer())).toEqual(new Uint8Array(bytes));
    expect(await installs(`1.${goods.length - 1}.0`)).toMatch(/"type":"done","packages":1/);
    expect(await publish(eve, await goodsOf(eve, `9.0.${ordinal}`))).toMatchObject({ status: 403, body: { code: 'NAME_TAKEN' } });
    eve.device.records.pop();
    const next = await goodsOf(ada, `1.${goods.length}.0`);
    goods.push(next);
    expect(await publish(ada, next)).toMatchObject({ status: 201, body: { added: 1 } });
  }
  expect((await get('/v1/packages/lamp')).body).toMatchObject({ versions: [{ version: '1.3.0' }, { version: '1.2.0' }, { version: '1.1.0' }, { version: '1.0.0' }] });
});

test('while the primary is down everything is read and nothing is published; when it is back the same bytes are', async () => {
  const ada = author('ada');
  const first = await goodsOf(ada, '1.0.0');
  expect(await publish(ada, first)).toMatchObject({ status: 201 });
  await untilFound(1);
  await losePeer(0);
  expect(await get('/v1/packages/lamp/latest')).toMatchObject({ status: 200, body: { version: '1.0.0', publisher: ada.id } });
  expect((await get('/v1/search?q=lamp')).body).toMatchObject({ total: 1 });
  expect((await get(`/v1/publishers/${ada.device.key}/log`)).status).toBe(200);
  expect(await installs('1.0.0')).toMatch(/"type":"done","packages":1/);
  expect((await fetch(`${url}/v1/packages/lamp/1.0.0/tarball`)).status).toBe(200);
  const second = await goodsOf(ada, '1.1.0');
  expect(await publish(ada, second)).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } });
  await runPeer(0);
  expect(await publish(ada, second)).toMatchObject({ status: 201, body: { added: 1 } });
  expect(await publish(ada, second)).toMatchObject({ status: 200, body: { added: 0 } });
});

test('a site in one process has one peer, and says so', () => {
  expect(() => loadSiteSettings({ SOUK_PEERS: '3' })).toThrow(expect.objectContaining({ code: 'BAD_CONFIG', hint: expect.stringContaining('--peers') }));
});
