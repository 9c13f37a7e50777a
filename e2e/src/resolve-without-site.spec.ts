import { afterAll, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { writeBytes } from './packages/written-package.ts';
import type { Said } from './scenario/person.ts';
import { Scenario } from './scenario/scenario.ts';

const world = new Scenario();
// Nothing listens there: whoever asked a site would fail.
const ada = world.person('ada').at('http://127.0.0.1:9');
afterAll(() => world.end());

let files = 0;
const file = (value: unknown): string => writeBytes(join(ada.project, `${(files += 1)}.json`), typeof value === 'string' ? value : JSON.stringify(value));
const resolve = (universe: unknown, root: unknown): Promise<Said> => ada.souk('resolve', '--universe', file(universe), '--root', file(root));
const needs = (dependencies: Record<string, string>): { dependencies: Record<string, string> } => ({ dependencies });

test('the answer is names to versions, the newest that fit, and nothing that nobody requires', async () => {
  const universe = { app: { '1.0.0': needs({ lib: '^1.0.0' }) }, lib: { '1.0.0': {}, '1.2.0': {}, '2.0.0': {} }, other: { '1.0.0': {} } };
  const said = await resolve(universe, needs({ app: '*' }));
  expect(said).toMatchObject({ code: 0, stderr: '' });
  expect(said.json).toStrictEqual({ ok: true, packages: { app: '1.0.0', lib: '1.2.0' } });
});

test('it goes back on a choice when that is the only way', async () => {
  const universe = { a: { '1.0.0': needs({ c: '^1.0.0' }), '2.0.0': needs({ c: '^2.0.0' }) }, b: { '1.0.0': needs({ c: '^1.0.0' }) }, c: { '1.0.0': {}, '2.0.0': {} } };
  expect((await resolve(universe, needs({ a: '*', b: '*' }))).json).toStrictEqual({ ok: true, packages: { a: '1.0.0', b: '1.0.0', c: '1.0.0' } });
});

test('a cycle resolves', async () => {
  const universe = { hen: { '1.0.0': needs({ egg: '^1.0.0' }) }, egg: { '1.0.0': needs({ hen: '^1.0.0' }) } };
  expect((await resolve(universe, needs({ hen: '*' }))).json).toStrictEqual({ ok: true, packages: { egg: '1.0.0', hen: '1.0.0' } });
});

test('a locked version stays, also a yanked one; what is not locked is never yanked', async () => {
  const universe = { lib: { '1.0.0': { yanked: true }, '1.1.0': {}, '1.2.0': { yanked: true } } };
  expect((await resolve(universe, { ...needs({ lib: '^1.0.0' }), locked: { lib: '1.0.0' } })).json).toStrictEqual({ ok: true, packages: { lib: '1.0.0' } });
  expect((await resolve(universe, needs({ lib: '^1.0.0' }))).json).toStrictEqual({ ok: true, packages: { lib: '1.1.0' } });
});

test('a conflict is ok: false with an explanation that names all who take part, and exit code 5', async () => {
  const universe = { app: { '1.0.0': needs({ lib: '^1.0.0' }) }, tool: { '1.0.0': needs({ lib: '^2.0.0' }) }, lib: { '1.0.0': {}, '2.0.0': {} } };
  const said = await resolve(universe, needs({ app: '*', tool: '*' }));
  expect(said).toMatchObject({ code: 5, stderr: '' });
  expect(said.json).toStrictEqual({ ok: false, code: 'UNSATISFIABLE', explanation: expect.any(String) });
  const { explanation } = said.json as { explanation: string };
  for (const word of ['app', 'tool', 'lib', '^1.0.0', '^2.0.0']) expect(explanation).toContain(word);
});

test('a requirement that nobody published is ok: false, explained with who requires it and near names, and exit code 3', async () => {
  const said = await resolve({ app: { '1.0.0': needs({ chlak: '^4.0.0' }) }, chalk: { '4.0.0': {} } }, needs({ app: '*' }));
  expect(said.code).toBe(3);
  expect(said.json).toStrictEqual({ ok: false, code: 'PACKAGE_NOT_FOUND', explanation: expect.stringMatching(/app[\s\S]*chlak[\s\S]*chalk/) });
});

test('nothing required is nothing chosen', async () => {
  expect((await resolve({}, needs({}))).json).toStrictEqual({ ok: true, packages: {} });
});

test.each([
  ['no JSON', '{', needs({}), 'BAD_JSON'],
  ['a key twice', '{"a":{},"a":{}}', needs({}), 'BAD_JSON'],
  ['a version that is none', { a: { one: {} } }, needs({}), 'BAD_REQUEST'],
  ['dependencies that are a list', { a: { '1.0.0': { dependencies: [] } } }, needs({}), 'BAD_REQUEST'],
  ['a root without dependencies', {}, { requires: {} }, 'BAD_REQUEST'],
  ['a root whose range is none', {}, needs({ a: 'not a range' }), 'BAD_RANGE'],
  ['a locked version that is none', {}, { ...needs({}), locked: { a: '1' } }, 'BAD_REQUEST'],
])('%s is a usage error with exit code 2', async (_what, universe, root, code) => {
  expect(await resolve(universe, root)).toMatchObject({ code: 2, json: { code, message: expect.any(String) } });
});

test('a missing file or option is named', async () => {
  expect(await ada.souk('resolve', '--universe', 'nowhere.json', '--root', file(needs({})))).toMatchObject({ code: 3, json: { code: 'NOT_FOUND', message: expect.stringContaining('nowhere.json') } });
  expect(await ada.souk('resolve', '--root', file(needs({})))).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST', message: expect.stringContaining('--universe') } });
});
