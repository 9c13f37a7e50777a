import { chmodSync, cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writePackage } from './packages/written-package.ts';
import type { Person } from './scenario/person.ts';
import { Scenario } from './scenario/scenario.ts';

const world = new Scenario();
const site = world.site('a');
const laptop = world.person('laptop');
const desk = world.person('desk');
const thief = world.person('thief');
let publisher = '';
let deskKey = '';

let folders = 0;
const publish = (who: Person, version: string): ReturnType<Person['souk']> => who.souk('publish', writePackage(world.folder('lamp', String((folders += 1))), { name: 'lamp', version }));
const published = (version: string): object => ({ code: 0, json: { status: 'published', name: 'lamp', version, publisher } });
const versions = async (): Promise<string[]> => ((await site.get('/v1/packages/lamp')).body as { versions: { version: string }[] }).versions.map((one) => one.version);

beforeAll(async () => {
  await site.start();
  for (const who of [laptop, desk, thief]) who.at(site);
  const { json } = await publish(laptop, '1.0.0');
  ({ publisher } = json as { publisher: string });
});
afterAll(() => world.end());

test('a second computer shows its key, is let in by the first, and publishes for the same publisher', async () => {
  const joined = await desk.souk('key', 'join', publisher);
  expect(joined).toMatchObject({ code: 0, json: { publisher, key: expect.stringMatching(/^z6Mk/) } });
  deskKey = (joined.json as { key: string }).key;
  expect((await desk.text('key', 'join', publisher)).stdout).toContain(`souk key add ${deskKey} --name`);
  expect(await publish(desk, '1.1.0')).toMatchObject({ code: 4, json: { code: 'NOT_DELEGATED', hint: expect.stringContaining(`souk key add ${deskKey}`) } });
  expect(await laptop.souk('key', 'add', deskKey, '--name', 'desk')).toMatchObject({ code: 0, json: { signed: true } });
  expect(await laptop.souk('key', 'add', deskKey, '--name', 'desk')).toMatchObject({ code: 0, json: { signed: false } });
  expect(await publish(desk, '1.1.0')).toMatchObject(published('1.1.0'));
  expect(await publish(laptop, '1.2.0')).toMatchObject(published('1.2.0'));
});

test('only a computer with the root may say who writes', async () => {
  const { key } = (await thief.does('key', 'join', publisher)) as { key: string };
  expect(await desk.souk('key', 'add', key, '--name', 'x')).toMatchObject({ code: 4, json: { code: 'FORBIDDEN', hint: expect.stringContaining('root') } });
  expect(await desk.souk('key', 'rotate')).toMatchObject({ code: 4, json: { code: 'FORBIDDEN' } });
  expect(await laptop.souk('key', 'join', publisher)).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST' } });
  rmSync(thief.home, { recursive: true });
});

test('a lost computer is revoked: what it published stays, nothing more of it counts, for good', async () => {
  expect(await laptop.souk('key', 'revoke', deskKey)).toMatchObject({ code: 0, json: { key: deskKey, lastSeq: 1 } });
  expect(await publish(desk, '1.3.0')).toMatchObject({ code: 4, json: { code: 'NOT_DELEGATED' } });
  expect(await versions()).toEqual(['1.2.0', '1.1.0', '1.0.0']);
  expect(await laptop.souk('key', 'add', deskKey, '--name', 'desk')).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST', message: expect.stringContaining('for good') } });
  expect(await laptop.souk('key', 'revoke', publisher)).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST' } });
});

test('after a rotation the publisher is the same, and whoever stole the old root can let nobody in', async () => {
  cpSync(laptop.home, thief.home, { recursive: true });
  chmodSync(join(thief.home, 'keys'), 0o700);
  rmSync(join(thief.home, 'keys', 'next-root'));
  const rotated = await laptop.souk('key', 'rotate');
  expect(rotated).toMatchObject({ code: 0, json: { publisher, root: expect.stringMatching(/^z6Mk/) } });
  expect(await publish(laptop, '2.0.0')).toMatchObject(published('2.0.0'));
  expect(await thief.souk('key', 'add', deskKey.replace(/....$/, ''), '--name', 'x')).toMatchObject({ code: 2 });
  const other = world.person('other').at(site);
  const { key } = (await other.does('key', 'join', publisher)) as { key: string };
  expect(await thief.souk('key', 'add', key, '--name', 'x')).toMatchObject({ code: 4, json: { code: 'NOT_DELEGATED' } });
  expect(await publish(other, '2.1.0')).toMatchObject({ code: 4 });
  expect(await laptop.souk('key', 'add', key, '--name', 'other')).toMatchObject({ code: 0, json: { signed: true } });
  expect(await publish(other, '2.1.0')).toMatchObject(published('2.1.0'));
});

test('a root that is lost is noticed before a new publisher is made, and its successor takes over', async () => {
  const eve = world.person('eve').at(site);
  const hers = (who: string, version: string): ReturnType<Person['souk']> => eve.souk('publish', writePackage(world.folder('torch', who), { name: 'torch', version }));
  const { publisher: id } = (await hers('1', '1.0.0')).json as { publisher: string };
  rmSync(join(eve.home, 'keys', 'root'));
  expect(await hers('2', '1.1.0')).toMatchObject({ code: 7, json: { code: 'STORAGE_CORRUPT', hint: expect.stringContaining('souk key rotate --publisher') } });
  expect(await eve.souk('key', 'rotate', '--publisher', id)).toMatchObject({ code: 0, json: { publisher: id } });
  expect(await hers('2', '1.1.0')).toMatchObject({ code: 0, json: { publisher: id } });
});
