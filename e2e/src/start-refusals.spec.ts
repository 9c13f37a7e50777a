import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { chmodSync, cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { writeBytes } from './packages/written-package.ts';
import { publishSmall, requireKept, type Acknowledged } from './scenario/kept.ts';
import { Scenario } from './scenario/scenario.ts';

const world = new Scenario();
const site = world.site('a');
const kept: Acknowledged[] = [];

beforeAll(async () => {
  await site.start();
  kept.push(await publishSmall(world.person('ada').at(site), world.folder('kept'), { name: 'kept' }));
});
// Whatever another site was refused, this one goes on.
afterEach(() => requireKept(site, kept));
afterAll(() => world.end());

/** Root may write everywhere by a capability, which is taken from it here; anybody else has none. */
const withoutOverride = process.getuid?.() === 0 ? ['setpriv', '--bounding-set', '-dac_override,-dac_read_search', '--inh-caps', '-dac_override,-dac_read_search', '--'] : [];

const told = { message: expect.any(String), hint: expect.any(String) };
const portOf = (url: string): string => new URL(url).port;

test('a port in use: exit code 7, the port and what to do, on both sides of the site', async () => {
  const http = portOf(site.url);
  expect(await world.site('second').with({ SOUK_PORT: http }).refusal()).toMatchObject({ code: 7, error: { ...told, code: 'PORT_IN_USE', message: expect.stringContaining(http) }, stderr: expect.stringContaining(http) });
  const [address = ''] = (await site.status()).multiaddrs;
  const peers = /\/tcp\/(\d+)/.exec(address)?.[1] ?? '';
  expect(await world.site('third').with({ SOUK_P2P_PORT: peers }).refusal()).toMatchObject({ code: 7, error: { ...told, code: 'PORT_IN_USE', message: expect.stringContaining(peers) } });
});

test('souk up says the same, as text and as JSON', async () => {
  const words = ['up', '--port', portOf(site.url), '--p2p-port', '0', '--data', join(world.path, 'up')];
  expect(await world.person('operator').souk(...words)).toMatchObject({ code: 7, json: { ...told, code: 'PORT_IN_USE' } });
  expect(await world.person('operator').text(...words)).toMatchObject({ code: 7, stdout: '', stderr: expect.stringContaining('PORT_IN_USE') });
});

test('a port that somebody else took between stop and start is told; once it is free the site is back with everything', async () => {
  const port = Number(portOf(site.url));
  await site.stop();
  const thief = createServer().listen(port, '127.0.0.1');
  await once(thief, 'listening');
  const refused = await site.refusal();
  thief.close();
  await once(thief, 'close');
  expect(refused).toMatchObject({ code: 7, error: { code: 'PORT_IN_USE' } });
  await site.start();
});

test('a data folder that another site uses: exit code 7, with its process', async () => {
  expect(await world.site('same folder', site.data).refusal()).toMatchObject({ code: 7, error: { ...told, code: 'STORAGE_LOCKED', details: { path: site.data, pid: expect.any(Number) } } });
});

test.each([99, 0])('a data folder of version %d: exit code 7 with both versions, and not a byte of it is changed', async (version) => {
  await site.stop();
  const data = join(world.path, `version-${version}`);
  cpSync(site.data, data, { recursive: true });
  await site.start();
  const format = join(data, 'format.json');
  writeFileSync(format, JSON.stringify({ ...JSON.parse(readFileSync(format, 'utf8')), version }));
  const logs = readFileSync(join(data, 'logs.db'));
  const refused = await world.site(`of version ${version}`, data).refusal();
  expect(refused).toMatchObject({ code: 7, error: { ...told, code: 'STORAGE_VERSION', message: expect.stringMatching(new RegExp(`version ${version}\\b.*understands 1\\b`)), details: { version, understood: 1 } } });
  expect(readFileSync(join(data, 'logs.db'))).toEqual(logs);
});

test('a folder of something else, a file in the folder\'s place, and a folder below a file: exit code 7, nothing is written', async () => {
  const photos = world.folder('photos');
  writeBytes(join(photos, 'cat.jpg'), 'a cat');
  expect(await world.site('in photos', photos).refusal()).toMatchObject({ code: 7, error: { ...told, code: 'STORAGE_DENIED', message: expect.stringContaining('cat.jpg') } });
  const file = writeBytes(join(world.path, 'a-file'), 'text');
  for (const [name, data] of Object.entries({ 'on a file': file, 'below a file': join(file, 'data') })) {
    expect(await world.site(name, data).refusal()).toMatchObject({ code: 7, error: { ...told, code: 'STORAGE_DENIED' } });
  }
  expect(readFileSync(file, 'utf8')).toBe('text');
});

test('no write permission: exit code 7, for a site and for somebody who publishes', async () => {
  const closed = world.folder('closed');
  chmodSync(closed, 0o555);
  expect(await world.site('denied', join(closed, 'data')).inside(withoutOverride).refusal()).toMatchObject({ code: 7, error: { ...told, code: 'STORAGE_DENIED', message: expect.stringContaining(closed) } });
  const bob = world.person('bob').at(site).inside(withoutOverride);
  expect(await bob.souk('install', 'kept', '--dir', closed)).toMatchObject({ code: 7, json: { ...told, code: 'STORAGE_DENIED', message: expect.stringContaining(closed) } });
  expect(readdirSync(closed)).toEqual([]);
  const home = writeBytes(join(world.path, 'people', 'without-home'), 'a file where the folder should be');
  expect(await world.person('without-home').at(site).souk('publish', world.folder('kept'))).toMatchObject({ code: 7, json: { ...told, code: 'STORAGE_DENIED', message: expect.stringContaining(home) } });
});

test('wrong settings: exit code 78, every one of them named at once', async () => {
  const refused = await world.site('wrong').with({ SOUK_PORT: 'eighty', SOUK_NETWORK: 'kingdom', SOUK_MAX_BLOB: '-1' }).refusal();
  expect(refused).toMatchObject({ code: 78, error: { code: 'BAD_CONFIG', message: expect.stringMatching(/SOUK_PORT[\s\S]*SOUK_NETWORK|SOUK_NETWORK[\s\S]*SOUK_PORT/) } });
  expect(refused.error.message).toContain('SOUK_MAX_BLOB');
});

test('beyond loopback a token is needed', async () => {
  expect(await world.site('open').with({ SOUK_HOST: '0.0.0.0' }).refusal()).toMatchObject({ code: 78, error: { ...told, code: 'BAD_CONFIG', hint: expect.stringContaining('SOUK_TOKEN') } });
});

test('an invite that is damaged or of another network is refused, and never repeated', async () => {
  const damaged = `${site.invite.slice(0, -9)}AAAAAAAAA`;
  const refused = await world.site('damaged').with({ SOUK_JOIN: damaged }).refusal();
  expect(refused.code).not.toBe(0);
  expect(refused.stdout + refused.stderr).not.toContain(damaged.slice(10));
  const stranger = world.site('stranger');
  await stranger.start();
  await stranger.stop();
  const other = await world.site('of another network', stranger.data).joins(site).refusal();
  expect(other).toMatchObject({ code: 2, error: { ...told, code: 'BAD_INVITE' } });
  expect(other.stdout + other.stderr).not.toContain(site.invite.slice(10));
});

test('no site at the address: exit code 6, with the address', async () => {
  const lost = world.person('lost').at('http://127.0.0.1:9');
  expect(await lost.souk('search')).toMatchObject({ code: 6, json: { ...told, code: 'UNAVAILABLE', message: expect.stringContaining('http://127.0.0.1:9') } });
  expect(await lost.at('ftp://example.com').souk('search')).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST' } });
});
