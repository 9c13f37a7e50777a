import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { NewToken } from '@souk/contracts';
import { writePackage } from './packages/written-package.ts';
import { Scenario } from './scenario/scenario.ts';
import type { Person } from './scenario/person.ts';
import { until } from './scenario/until.ts';

const world = new Scenario();
const a = world.site('a');
let [root, ada, bob]: [Person, Person, Person] = [] as never;
let adas: NewToken;

beforeAll(async () => {
  await a.start();
  [root, ada, bob] = [world.person('root').at(a), world.person('ada').at(a), world.person('bob').at(a)];
});
afterAll(() => world.end());

const kit = (version: string): string => writePackage(world.folder('kit', version), { name: 'kit', version });
const refused = (status: string): object => ({ code: 4, json: { code: status, hint: expect.any(String) } });

test('without accounts everybody on this machine may do everything', async () => {
  expect(await ada.souk('publish', kit('1.0.0'))).toMatchObject({ code: 0, json: { status: 'published' } });
});

test('the first account closes the site: who has no token gets nothing, and who has one gets what it is for', async () => {
  expect(await root.souk('account', 'create', 'root', '--role', 'admin')).toMatchObject({ code: 0, json: { role: 'admin', token: { account: 'root' } } });
  expect(statSync(join(root.home, 'tokens.json')).mode & 0o777).toBe(0o600);
  expect(await bob.souk('search', 'kit')).toMatchObject(refused('UNAUTHORIZED'));
  await root.does('account', 'create', 'ada', '--role', 'publisher');
  adas = (await root.does('token', 'create', 'ada', '--scope', 'read,publish')) as NewToken;
  const read = (await root.does('token', 'create', 'ada', '--scope', 'read')) as NewToken;
  expect(await ada.souk('login', '--token', adas.token)).toMatchObject({ code: 0, json: { account: 'ada' } });
  await bob.does('login', '--token', read.token);
  expect(await ada.souk('publish', kit('1.1.0'))).toMatchObject({ code: 0, json: { status: 'published' } });
  expect(await bob.souk('install', 'kit')).toMatchObject({ code: 0 });
  expect(await bob.souk('publish', writePackage(world.folder('bobs'), { name: 'bobs', version: '1.0.0' }))).toMatchObject(refused('FORBIDDEN'));
  expect(await ada.souk('token', 'create', 'ada', '--scope', 'admin')).toMatchObject(refused('FORBIDDEN'));
});

test('an administrator decides: a ban hides and refuses until it is lifted, a takedown is for good', async () => {
  const { publisher } = (await root.does('info', 'kit')) as { publisher: string };
  await root.does('policy', 'ban', 'publisher', publisher, '--reason', 'spam');
  expect(await bob.souk('info', 'kit')).toMatchObject(refused('BANNED'));
  await until({ what: 'kit gone from search', read: () => bob.souk('search', 'kit'), isDone: ({ json }) => (json as { total: number }).total === 0 });
  expect(await ada.souk('publish', kit('1.3.0'))).toMatchObject(refused('BANNED'));
  await root.does('policy', 'unban', 'publisher', publisher);
  expect(await root.souk('policy', 'takedown', 'kit@1.1.0', '--reason', 'by court order')).toMatchObject({ code: 0, json: { subject: { name: 'kit', version: '1.1.0' } } });
  expect(await bob.souk('info', 'kit@1.1.0')).toMatchObject({ code: 4, json: { code: 'TAKEN_DOWN', message: expect.stringContaining('by court order') } });
  expect(await bob.souk('info', 'kit')).toMatchObject({ code: 0, json: { latest: '1.0.0' } });
  expect(await bob.souk('policy', 'unbind', 'kit')).toMatchObject(refused('FORBIDDEN'));
});

test('a revoked token is refused, also when it is tried again after a restart; the secret is nowhere in the data of the site', async () => {
  expect(await root.souk('token', 'revoke', adas.id)).toMatchObject({ code: 0, json: { revoked: true, scopes: [] } });
  await until({ what: 'the revoked token refused', read: () => ada.souk('search', 'kit'), isDone: ({ code }) => code === 4 });
  await a.stop();
  await a.start();
  expect(await ada.souk('search', 'kit')).toMatchObject(refused('UNAUTHORIZED'));
  expect(await root.souk('token', 'list')).toMatchObject({ json: { tokens: expect.arrayContaining([expect.objectContaining({ id: adas.id, revoked: true })]) } });
  for (const name of ['logs.db', 'logs.db-wal']) expect(readFileSync(join(a.data, 'site-log', name)).includes(adas.token)).toBe(false);
  expect(a.log).not.toContain(adas.token);
});
