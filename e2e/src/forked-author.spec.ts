import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writePackage } from './packages/written-package.ts';
import { runToEnd } from './scenario/child.ts';
import { publishSmall } from './scenario/kept.ts';
import { Scenario } from './scenario/scenario.ts';
import { until } from './scenario/until.ts';

const world = new Scenario();
const a = world.site('a');
const b = world.site('b').joins(a);
const ada = world.person('ada');
const copy = world.person('copy-of-ada');
const eve = world.person('eve');

const lamp = (version: string, light: string): string => writePackage(world.folder('lamp', light), { name: 'lamp', version }, { 'light.txt': light });
const roots = (): Promise<string[]> => Promise.all([a, b].map(async (site) => (await site.status()).headRoot));
const converged = () => until({ what: 'equal head roots', read: roots, isDone: ([one, other]) => one === other });

beforeAll(async () => {
  await a.start();
  await b.start();
  await ada.at(a).does('publish', lamp('1.0.0', 'first'));
  await publishSmall(eve.at(a), world.folder('eves'), { name: 'eves' });
  await converged();
});
afterAll(() => world.end());

test('one key that signs twice, at two sites that do not see each other', async () => {
  expect(await runToEnd('cp', ['-a', ada.home, copy.home], { cwd: world.path, env: world.environment })).toMatchObject({ code: 0 });
  await b.kill();
  await ada.does('publish', lamp('2.0.0', 'on'));
  await a.kill();
  await b.start();
  await copy.at(b).does('publish', lamp('2.0.0', 'off'));
  await a.start();
});

test('both sites notice and converge; what was published before goes on installing at both', async () => {
  await converged();
  for (const site of [a, b]) {
    const user = world.person(`user-of-${site.name}`).at(site);
    expect(await user.souk('install', 'lamp@1.0.0')).toMatchObject({ code: 0, json: { packages: [{ name: 'lamp', version: '1.0.0' }] } });
  }
});

test('the key is frozen at both, with a reason and what to do; other authors are not', async () => {
  for (const [one, site] of [[ada, a], [copy, b]] as const) {
    expect(await one.at(site).souk('publish', lamp('3.0.0', `third-${site.name}`))).toMatchObject({ code: 5, json: { code: 'FORKED_LOG', message: expect.any(String), hint: expect.any(String) } });
  }
  const version = await eve.at(b).souk('publish', writePackage(world.folder('eves-second'), { name: 'eves', version: '1.1.0' }));
  expect(version).toMatchObject({ code: 0, json: { status: 'published' } });
  await converged();
});
