import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Proxy } from './scenario/proxy.ts';
import { Scenario } from './scenario/scenario.ts';

const world = new Scenario();
const site = world.site('a');
const ada = world.person('ada');
const file = join(ada.project, 'packages.jsonl');
/** Enough for three appends. */
const packages = 1200;
let proxy: Proxy;

beforeAll(async () => {
  await site.start();
  proxy = await Proxy.before(site);
  world.onEnd(() => proxy.close());
  ada.at(proxy.url);
  const line = (at: number): string => JSON.stringify({ name: `package-${at}`, version: '1.0.0', description: `Number ${at}.`, keywords: ['load'] });
  writeFileSync(file, `${Array.from({ length: packages }, (_, at) => line(at)).join('\n')}\n`);
});
afterAll(() => world.end());

/** Resolves when the site has taken an append of the import, whose answer then does not arrive. */
function stalledAnswer(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let appends = 0;
  proxy.lies({ request: /^POST \/v1\/records/, change: (answer) => ((appends += 1) < 2 ? answer : (resolve(), { ...answer, stopAfter: 1 })) });
  return promise;
}

test('kill -9 of the importing command, then of the site: the same import goes on, and every package is there once', async () => {
  let stalled = stalledAnswer();
  const first = ada.begins('import', file);
  await stalled;
  expect(await first.end('SIGKILL')).toMatchObject({ code: 137 });
  const { blobs } = await site.status();
  expect(blobs).toBeGreaterThan(0);
  expect(blobs).toBeLessThanOrEqual(packages);

  stalled = stalledAnswer();
  const second = ada.begins('import', file);
  await stalled;
  const acknowledged = await site.status();
  await site.kill();
  expect(await second.end('SIGKILL')).toMatchObject({ code: 137 });
  await site.start();
  expect(await site.status()).toMatchObject({ records: acknowledged.records });

  proxy.lies();
  const summary = (await ada.does('import', file)) as { published: number; already: number };
  expect(summary).toMatchObject({ refusedTotal: 0, lines: packages });
  expect(summary.published + summary.already).toBe(packages);
  expect(summary.already).toBeGreaterThan(0);
  const after = await site.status();
  expect(after.blobs).toBe(packages);
  expect(await ada.does('import', file)).toMatchObject({ published: 0, already: packages, uploaded: 0 });
  expect(await site.status()).toMatchObject({ records: after.records, blobs: packages });
  // Two logs: the root's inception and delegation, the device's inception and a release for each package.
  expect(after.records).toBe(packages + 3);
});
