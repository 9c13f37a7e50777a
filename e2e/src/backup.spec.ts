import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { publishSmall, requireKept, type Acknowledged } from './scenario/kept.ts';
import { Scenario } from './scenario/scenario.ts';
import type { Site } from './scenario/site.ts';
import { until } from './scenario/until.ts';

const world = new Scenario();
const site = world.site('a');
const ada = world.person('ada');
const operator = world.person('operator');
const kept: Acknowledged[] = [];
const file = join(world.path, 'site.backup');

/** Text that does not compress, the same for the same name. */
const noise = (name: string): string => createHash('shake256', { outputLength: 60_000 }).update(name).digest('base64');
const publish = async (name: string, version = '1.0.0'): Promise<Acknowledged> => publishSmall(ada, world.folder('packages', `${name}-${version}`), { name, version }, { 'noise.txt': noise(name + version) });

const arrives = (at: Site, name: string): Promise<unknown> => until({ what: `${name} to arrive`, read: () => at.get(`/v1/packages/${name}`), isDone: ({ status }) => status === 200 });

beforeAll(async () => {
  ada.at(await site.start());
  operator.at(site);
  for (const name of ['one', 'two', 'three']) kept.push(await publish(name));
});
afterAll(() => world.end());

test('a site that is being published to is backed up, with its keys', async () => {
  let isDone = false;
  const publishing = (async () => {
    for (let patch = 1; !isDone; patch += 1) await publish('busy', `1.0.${patch}`);
  })();
  expect(await operator.does('backup', file, '--with-keys', '--data', site.data)).toMatchObject({ keys: true, blobs: expect.any(Number) });
  isDone = true;
  await publishing;
  expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
});

test('it restores to a site that has everything, under the same name, after the first one is gone', async () => {
  const late = await publish('late');
  await site.kill();
  const again = world.site('again');
  expect(await operator.does('restore', file, '--data', again.data)).toMatchObject({ keys: true, findings: [], aside: ['keys/site'] });
  await again.start();
  expect(again.peerId).toBe(site.peerId);
  await requireKept(again, kept);
  expect(await world.person('bob').at(again).souk('install', 'one', 'two')).toMatchObject({ code: 0 });
  expect(await again.get(`/v1/packages/${late.name}`)).toMatchObject({ status: 404 });
});

test('its author goes on without a fork, and brings what the backup lacks', async () => {
  const again = world.site('author', join(world.path, 'sites', 'author', 'data'));
  await operator.does('restore', file, '--data', again.data);
  ada.at(await again.start());
  const next = await publish('next');
  await requireKept(again, [...kept, next]);
  const late = await again.get('/v1/packages/late/1.0.0');
  expect(late).toMatchObject({ status: 200 });
  expect(await ada.souk('publish', join(world.path, 'packages', 'late-1.0.0'))).toMatchObject({ code: 0, json: { status: 'already-published' } });
  expect(await again.stop()).toMatchObject({ code: 0 });
});

test('without its keys it starts only with an invite of its network, and then learns what is newer from the others', async () => {
  const first = world.site('first');
  ada.at(await first.start());
  operator.at(first);
  const before = await publish('before');
  const bare = join(world.path, 'bare.backup');
  await operator.does('backup', bare);
  const after = await publish('after');
  const restored = world.site('bare');
  await operator.does('restore', bare, '--data', restored.data);
  expect(readdirSync(join(restored.data, 'keys'))).toEqual([]);
  expect(await restored.refusal()).toMatchObject({ code: 78, error: { code: 'BAD_CONFIG', hint: expect.stringContaining('--join') } });
  await restored.joins(first).start();
  expect(restored.peerId).not.toBe(first.peerId);
  await arrives(restored, 'after');
  await requireKept(restored, [before, after]);
});

test('a damaged backup, and one cut off, restore nothing', async () => {
  const whole = readFileSync(file);
  const damaged = join(world.path, 'damaged.backup');
  const target = join(world.path, 'target');
  for (const bytes of [whole.subarray(0, whole.length / 2), whole.map((byte, at) => (at === 9000 ? byte ^ 1 : byte))]) {
    writeFileSync(damaged, bytes);
    expect(await operator.souk('restore', damaged, '--data', target)).toMatchObject({ code: 7, json: { code: 'STORAGE_CORRUPT' } });
    expect(readdirSync(target)).toEqual([]);
  }
});

test('souk doctor finds what was damaged in a stopped site; what it deletes is fetched again', async () => {
  const [from, to] = [world.site('from'), world.site('to')];
  ada.at(await from.start());
  const goods = await publish('goods');
  await to.joins(from).start();
  const bob = world.person('bob').at(to);
  await arrives(to, 'goods');
  expect(await bob.souk('install', 'goods')).toMatchObject({ code: 0 });
  await to.stop();
  const blob = join(to.data, 'blobs', goods.cid.slice(-2), goods.cid);
  writeFileSync(blob, Buffer.from(readFileSync(blob)).reverse());
  await cp(blob, join(to.data, 'drafts', 'left'));
  const doctor = (...words: string[]) => operator.at('http://127.0.0.1:1').souk('doctor', '--data', to.data, ...words);
  expect(await doctor()).toMatchObject({ code: 7, json: { ok: false, findings: expect.arrayContaining([expect.objectContaining({ check: 'blobs', level: 'problem', what: expect.stringContaining(goods.cid) })]) } });
  expect(await doctor('--fix')).toMatchObject({ code: 0, json: { ok: true } });
  expect(await doctor()).toMatchObject({ code: 0, json: { ok: true, findings: [] } });
  await to.start();
  expect(await world.person('cleo').at(to).souk('install', 'goods')).toMatchObject({ code: 0 });
  await requireKept(to, [goods]);
});
