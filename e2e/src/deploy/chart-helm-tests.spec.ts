import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runToEnd, type Ended } from '../scenario/child.ts';
import { programs } from '../scenario/repository.ts';
import { Scenario } from '../scenario/scenario.ts';
import type { Site } from '../scenario/site.ts';
import { chart } from './chart/rendered.ts';

const token = 'operators-token-of-a-test';
const world = new Scenario();
const guarded = world.site('guarded').with({ SOUK_TOKEN: token });
const open = world.site('open');

beforeAll(() => Promise.all([guarded.start(), open.start()]));
afterAll(() => world.end());

/** Runs what a pod of `helm test` runs, against a site that is there. */
function helmTest(name: string, site: Site, SOUK_TOKEN = token): Promise<Ended> {
  const env = { ...world.environment, PROGRAM: programs.souk, SOUK_SITE: site.url, SOUK_TOKEN };
  return runToEnd(process.execPath, [join(chart, 'files', 'tests', `${name}.mjs`)], { cwd: world.folder('helm-tests'), env });
}

test('a package is published, found and installed, more than once', async () => {
  for (let run = 0; run < 2; run++) expect(await helmTest('journey', guarded)).toMatchObject({ code: 0, stdout: expect.stringMatching(/was published, found and installed\.\n$/) });
});

test('what must be refused is refused, and said', async () => {
  const { code, stdout, stderr } = await helmTest('refusals', guarded);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const what of ['CID_MISMATCH', 'BLOB_NOT_FOUND', 'UNAUTHORIZED']) expect(stdout).toContain(what);
});

test('a token that is not the site’s fails the first test, and a site that anybody may write to fails the second', async () => {
  expect(await helmTest('journey', guarded, 'x'.repeat(24))).toMatchObject({ code: 1, stderr: expect.stringContaining('UNAUTHORIZED') });
  expect(await helmTest('refusals', open)).toMatchObject({ code: 1, stderr: expect.stringContaining('an upload without a token: expected 401') });
});
