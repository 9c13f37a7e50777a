import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SmallSite } from '../../fixtures/small-site.ts';
import { Workbench } from '../../fixtures/workbench.ts';

let bench: Workbench;
beforeEach(async () => {
  bench = await Workbench.open();
});
afterEach(() => bench.close());

const noSite = { env: { SOUK_SITE: '' } };

test('settings are kept in a file that only its owner may read; the token is never shown', async () => {
  expect(await bench.souk(['config', 'set', 'site', bench.site.url])).toMatchObject({ code: 0, stdout: `site = ${bench.site.url}\n` });
  expect(await bench.souk(['config', 'set', 'token', 'hush'])).toMatchObject({ code: 0, stdout: 'token = (set)\n' });
  const path = join(bench.home, 'config.json');
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ site: bench.site.url, token: 'hush' });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect((await bench.souk(['config', '--json'])).json).toEqual({ site: bench.site.url, token: '(set)' });
  expect((await bench.souk(['config', 'get', 'token'])).stdout).toBe('(set)\n');
  expect(await bench.souk(['config', 'set', 'token'])).toMatchObject({ stdout: 'token is no longer set\n' });
});

test('the token of the settings goes to the site of the settings and to no other; a token that was given goes anywhere', async () => {
  await bench.souk(['config', 'set', 'site', bench.site.url]);
  await bench.souk(['config', 'set', 'token', 'hush']);
  await bench.souk(['search'], noSite);
  const other = await SmallSite.start();
  try {
    await bench.souk(['search', '--site', other.url], noSite);
    await bench.souk(['search', '--token', 'mine'], { env: { SOUK_SITE: other.url } });
    await bench.souk(['search'], { env: { SOUK_SITE: other.url, SOUK_TOKEN: 'theirs' } });
    expect([bench.site.tokens, other.tokens]).toEqual([['Bearer hush'], [undefined, 'Bearer mine', 'Bearer theirs']]);
  } finally {
    await other.close();
  }
});

test('a refused token says how to give another', async () => {
  bench.site.raws.search = (_request, response) => void response.writeHead(401).end('{"code":"UNAUTHORIZED","message":"A token is needed."}');
  expect(await bench.souk(['search', '--json'])).toMatchObject({ code: 4, json: { code: 'UNAUTHORIZED', hint: expect.stringContaining('--token') } });
});

test('wrong settings are refused, wherever they come from', async () => {
  expect(await bench.souk(['config', 'set', 'sight', 'x', '--json'])).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST' } });
  expect(await bench.souk(['config', 'set', 'site', 'ftp://x', '--json'])).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST' } });
  expect(await bench.souk(['config', 'set', 'timeout', 'soon', '--json'])).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST' } });
  expect(await bench.souk(['search', '--json'], { env: { SOUK_TIMEOUT: 'soon' } })).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST' } });
  await bench.souk(['config', 'set', 'timeout', '5']);
  writeFileSync(join(bench.home, 'config.json'), '{"sight":1}');
  expect(await bench.souk(['search', '--json'])).toMatchObject({ code: 78, json: { code: 'BAD_CONFIG' } });
});
