import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Workbench } from '../../fixtures/workbench.ts';

let bench: Workbench;
beforeEach(async () => {
  bench = await Workbench.open();
});
afterEach(() => bench.close());

const offline = { env: { SOUK_SITE: 'http://127.0.0.1:1' } };

test('souk verify: a sound archive, in exactly the promised form', async () => {
  const { json: published } = await bench.publish({ name: 'mine', version: '1.0.0' });
  writeFileSync(join(bench.project, 'mine.tgz'), bench.site.blobs.get(published.cid) ?? '');
  const { code, json } = await bench.souk(['verify', 'mine.tgz', '--json'], offline);
  expect(code).toBe(0);
  expect(json).toEqual({ ok: true, cid: published.cid, integrity: expect.stringMatching(/^sha512-/), tree: expect.stringMatching(/^[0-9a-f]{64}$/), files: 2, size: published.size, violations: [] });
  expect((await bench.souk(['verify', 'mine.tgz'], offline)).stdout).toMatch(/^mine\.tgz keeps the archive policy\n/);
});

test('souk verify: broken rules are named, exit 4', async () => {
  writeFileSync(join(bench.project, 'not.tgz'), 'hello');
  writeFileSync(join(bench.project, 'empty.tgz'), gzipSync(Buffer.alloc(1024)));
  expect(await bench.souk(['verify', 'not.tgz', '--json'], offline)).toMatchObject({ code: 4, json: { ok: false, size: 5, violations: [{ rule: 'not-gzip', entry: '' }] } });
  const { code, json } = await bench.souk(['verify', 'empty.tgz', '--json'], offline);
  expect(code).toBe(4);
  expect(json.violations).toContainEqual({ rule: 'no-manifest', entry: '' });
  expect((await bench.souk(['verify', 'not.tgz'], offline)).stdout).toMatch(/^not\.tgz breaks the archive policy in 1 place:\n {2}not-gzip: /);
  expect(await bench.souk(['verify', 'gone.tgz', '--json'], offline)).toMatchObject({ code: 3, json: { code: 'NOT_FOUND' } });
});

test('souk resolve: solved, unsolvable, missing and malformed, without a site', async () => {
  bench.write(bench.project, {
    'universe.json': JSON.stringify({ a: { '1.0.0': { dependencies: { b: '^1.0.0' } }, '2.0.0': { dependencies: { b: '^2.0.0' } } }, b: { '1.5.0': {}, '1.6.0': { yanked: true } } }),
    'root.json': '{"dependencies":{"a":"*"}}',
    'locked.json': '{"dependencies":{"a":"*"},"locked":{"b":"1.6.0"}}',
    'hard.json': '{"dependencies":{"a":"^2.0.0"}}',
    'gone.json': '{"dependencies":{"c":"*"}}',
    'wrong.json': '{"dependencies":[]}',
    'broken.json': '{"dependencies":{}',
  });
  const resolve = (root: string): ReturnType<Workbench['souk']> => bench.souk(['resolve', '--universe', 'universe.json', '--root', root, '--json'], offline);
  expect(await resolve('root.json')).toMatchObject({ code: 0, stdout: '{"ok":true,"packages":{"a":"1.0.0","b":"1.5.0"}}\n' });
  expect(await resolve('locked.json')).toMatchObject({ code: 0, stdout: '{"ok":true,"packages":{"a":"1.0.0","b":"1.6.0"}}\n' });
  const hard = await resolve('hard.json');
  expect(hard.code).toBe(5);
  expect(hard.json).toEqual({ ok: false, code: 'UNSATISFIABLE', explanation: expect.stringContaining('b') });
  expect(await resolve('gone.json')).toMatchObject({ code: 3, json: { ok: false, code: 'PACKAGE_NOT_FOUND' } });
  expect(await resolve('wrong.json')).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST' } });
  expect(await resolve('broken.json')).toMatchObject({ code: 2, json: { code: 'BAD_JSON', message: expect.stringMatching(/^broken\.json: /) } });
  expect(await resolve('none.json')).toMatchObject({ code: 3, json: { code: 'NOT_FOUND' } });
  expect((await bench.souk(['resolve', '--universe', 'universe.json', '--root', 'root.json'], offline)).stdout).toBe('NAME  VERSION\na     1.0.0\nb     1.5.0\n');
});
