import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { formatInvite, readLog, readPackage, readSelf } from '@souk/contracts';
import { seedFrom, type PackageName } from '@souk/domain';
import { author, packed } from '@souk/testing';
import { TestPeer } from './testing/test-peer.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'souk-start-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const data = (): string => join(folder, 'data');
const started = (env: Record<string, string> = {}): Promise<TestPeer> => TestPeer.start({ folder: data(), env });

test('a restart keeps identity, network, port, records and blobs', async () => {
  const ada = author('ada');
  const mitt = await packed('mitt', '1.0.0');
  ada.device.write('release', mitt.body);
  const before = await started();
  await before.upload(mitt.cid, mitt.bytes);
  await before.append(...ada.records);
  const [invite, self] = [await before.invite(), await before.rpc.call(readSelf, {})];
  await before.stop();
  await using after = await started();
  expect(await after.invite()).toBe(invite);
  // Lookups are counted from the start on.
  expect((await after.rpc.call(readSelf, {})).status).toEqual({ ...self.status, lookups: expect.any(Object) });
  expect(await after.rpc.call(readPackage, { name: 'mitt' as PackageName })).toMatchObject({ latest: '1.0.0' });
  expect((await after.rpc.call(readLog, { key: ada.device.key, from: 0, limit: 10 })).records).toHaveLength(2);
  expect(new Uint8Array(await (await after.blob(mitt.cid)).arrayBuffer())).toEqual(mitt.bytes);
});

test('a second peer on the same folder is refused and does no harm', async () => {
  await using first = await started();
  await expect(started()).rejects.toMatchObject({ code: 'STORAGE_LOCKED', hint: expect.any(String) });
  expect((await first.rpc.call(readSelf, {})).status.records).toBe(0);
});

test('a folder of another version, of something else, or that may not be written is refused', async () => {
  await (await started()).stop();
  await writeFile(join(data(), 'format.json'), '{"format":"souk-data","version":99}');
  await expect(started()).rejects.toMatchObject({ code: 'STORAGE_VERSION', details: expect.objectContaining({ version: 99 }) });
  await writeFile(join(folder, 'file'), '');
  await expect(TestPeer.start({ folder: join(folder, 'file') })).rejects.toMatchObject({ code: 'STORAGE_DENIED' });
  await expect(TestPeer.start({ folder })).rejects.toMatchObject({ code: 'STORAGE_DENIED', message: expect.stringContaining('something else') });
});

test('a port that was asked for and is taken is an error; the remembered one gives way', async () => {
  const before = await started();
  const port = Number(/\/tcp\/(\d+)/.exec(before.runtime.node.multiaddrs()[0] ?? '')?.[1]);
  await before.stop();
  const other = createServer().listen(port, '127.0.0.1');
  await once(other, 'listening');
  try {
    await expect(started({ SOUK_P2P_PORT: String(port) })).rejects.toMatchObject({ code: 'PORT_IN_USE', details: { port } });
    await using after = await started();
    expect(after.runtime.node.multiaddrs()[0]).not.toContain(`/tcp/${port}`);
  } finally {
    other.close();
  }
});

test('an invite of another network is refused, one that is no invite is a wrong setting', async () => {
  await (await started()).stop();
  const invite = formatInvite({ addresses: ['/ip4/127.0.0.1/tcp/1'], networkKey: seedFrom('another network') });
  await expect(started({ SOUK_JOIN: invite })).rejects.toMatchObject({ code: 'BAD_INVITE' });
  await expect(started({ SOUK_JOIN: 'souk1_x' })).rejects.toMatchObject({ code: 'BAD_CONFIG' });
  await (await started()).stop();
});

test('a peer whose network cannot be reached becomes ready and says what it holds', async () => {
  await using peer = await started({ SOUK_JOIN: formatInvite({ addresses: ['/ip4/127.0.0.1/tcp/1'], networkKey: seedFrom('quiet network') }) });
  expect((await peer.rpc.call(readSelf, {})).status).toMatchObject({ links: 0, logs: 0 });
});

test('keys are readable by their owner only', async () => {
  await (await started()).stop();
  const keys = join(data(), 'keys');
  for (const name of await readdir(keys)) expect((await stat(join(keys, name))).mode & 0o077).toBe(0);
});
