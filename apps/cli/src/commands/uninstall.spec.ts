import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { Workbench } from '../../fixtures/workbench.ts';

let bench: Workbench;
beforeEach(async () => {
  bench = await Workbench.open();
  await bench.publish({ name: 'colors', version: '1.0.0' });
  await bench.publish({ name: '@team/page', version: '1.0.0', dependencies: { colors: '^1.0.0' } });
});
afterEach(() => bench.close());

const offline = { env: { SOUK_SITE: 'http://127.0.0.1:1' } };

test('a package goes with what only it required, without a site', async () => {
  await bench.souk(['install', '@team/page']);
  expect((await bench.souk(['uninstall', '@team/page', '--json'], offline)).json).toMatchObject({ removed: ['@team/page', 'colors'], stay: [] });
  expect(bench.tree()).toEqual({ 'souk-lock.json': '{\n  "lockfileVersion": 1,\n  "packages": {}\n}\n', 'souk.json': '{\n  "dependencies": {}\n}\n' });
});

test('what something else requires stays, and is said', async () => {
  await bench.souk(['install', '@team/page', 'colors']);
  expect((await bench.souk(['uninstall', 'colors'], offline)).stdout).toBe('colors stays: @team/page requires it\n0 packages removed, 2 left\n');
  expect((await bench.souk(['list', '--json'], offline)).json.packages).toMatchObject([{ name: '@team/page', range: '^1.0.0' }, expect.not.objectContaining({ range: expect.anything() })]);
});

test('an unknown name is answered with near ones', async () => {
  await bench.souk(['install', 'colors']);
  const before = bench.tree();
  expect(await bench.souk(['uninstall', 'colours', '--json'], offline)).toMatchObject({ code: 3, json: { code: 'PACKAGE_NOT_FOUND', hint: 'Did you mean colors?' } });
  expect(bench.tree()).toEqual(before);
});

test('list shows what is installed, in a folder of nothing too', async () => {
  expect((await bench.souk(['list'])).stdout).toBe('Nothing is installed here.\n');
  await bench.souk(['install', '@team/page']);
  expect((await bench.souk(['list'])).stdout.replace(/z6Mk\w+/g, 'KEY')).toBe('NAME        VERSION  STATE  WANTED  PUBLISHER\n@team/page  1.0.0           ^1.0.0  KEY\ncolors      1.0.0                   KEY\n\n2 packages\n');
});

test('damaged project files and links in the place of folders are refused', async () => {
  writeFileSync(join(bench.project, 'souk.json'), '{"dependencies":{"colors":"^1"},"dependencies":{}}');
  expect(await bench.souk(['install', '--json'])).toMatchObject({ code: 2, json: { code: 'BAD_JSON', details: { file: 'souk.json' } } });
  writeFileSync(join(bench.project, 'souk.json'), '{"dependencies":{"Colors":"^1"}}');
  expect(await bench.souk(['install', '--json'])).toMatchObject({ code: 2, json: { code: 'BAD_JSON' } });
  writeFileSync(join(bench.project, 'souk.json'), '{"dependencies":{}}');
  writeFileSync(join(bench.project, 'souk-lock.json'), '{"lockfileVersion":2,"packages":{}}');
  expect(await bench.souk(['install', '--json'])).toMatchObject({ code: 7, json: { code: 'STORAGE_VERSION' } });
  const other = join(bench.folder, 'other');
  mkdirSync(other);
  symlinkSync(bench.home, join(other, 'souk_modules'));
  expect(await bench.souk(['install', 'colors', '--dir', other, '--json'])).toMatchObject({ code: 7, json: { code: 'STORAGE_DENIED' } });
});
