import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeBytes, writePackage } from './packages/written-package.ts';
import { runToEnd } from './scenario/child.ts';
import { requireKept, type Acknowledged } from './scenario/kept.ts';
import { Scenario } from './scenario/scenario.ts';

const world = new Scenario();
const site = world.site('a');
const ada = world.person('ada');
const bob = world.person('bob');
/** Every script that ran leaves a file here. */
const cage = world.folder('cage');
const ran = (): string[] => readdirSync(cage);

const events = [
  'preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare', 'prepack', 'postpack', 'prepublishOnly', 'publish', 'postpublish',
  'preuninstall', 'uninstall', 'postuninstall', 'preversion', 'version', 'postversion', 'dependencies', 'prestart', 'start', 'pretest', 'test',
];
const canary = (event: string): string => `node -e "require('fs').writeFileSync(process.argv[1], '')" ${join(cage, event)}`;
const hostile = {
  name: 'hostile',
  version: '1.0.0',
  scripts: Object.fromEntries(events.map((event) => [event, canary(event)])),
  bin: { ls: 'bin.js' },
  man: ['./evil.1'],
};
const files = {
  'bin.js': `#!/usr/bin/env node\nrequire('fs').writeFileSync(${JSON.stringify(join(cage, 'bin'))}, '');\n`,
  'binding.gyp': `{"targets":[{"target_name":"x","actions":[{"action_name":"run","inputs":[],"outputs":["y"],"action":["touch",${JSON.stringify(join(cage, 'gyp'))}]}]}]}`,
  '.npmrc': `script-shell=${join(cage, 'shell')}\nignore-scripts=false\n`,
  'souk.js': `require('fs').writeFileSync(${JSON.stringify(join(cage, 'souk'))}, '');\n`,
};
const folder = writePackage(world.folder('hostile'), hostile, files);

beforeAll(async () => {
  ada.at(await site.start());
  bob.at(site);
});
afterAll(() => world.end());

test('control: npm runs them when it packs and when it installs', async () => {
  const copy = writePackage(world.folder('control'), { ...hostile, name: 'control' }, { 'bin.js': files['bin.js'] });
  const options = { cwd: world.folder('npm'), env: world.environment };
  expect(await runToEnd('npm', ['pack', copy, '--silent', '--offline'], options)).toMatchObject({ code: 0 });
  expect(ran()).toContain('prepack');
  expect(await runToEnd('npm', ['install', './control-1.0.0.tgz', '--silent', '--offline', '--no-audit', '--no-fund'], options)).toMatchObject({ code: 0 });
  expect(ran()).toContain('postinstall');
  await runToEnd('sh', ['-c', `rm -f ${cage}/*`], options);
  expect(ran()).toEqual([]);
});

test('souk runs none of them: not at publish, install, repair, uninstall, nor at any of the sites', async () => {
  const published = (await ada.does('publish', folder)) as Acknowledged;
  await bob.does('info', 'hostile@1.0.0');
  await bob.does('install', 'hostile');
  await bob.does('install');
  await bob.does('list');
  await bob.does('uninstall', 'hostile');
  await bob.does('verify', await tarballOf(published));
  await ada.does('publish', folder);
  expect(ran()).toEqual([]);
  await requireKept(site, [published]);
});

test('what is installed is the files alone, no link on PATH, and the record says that there is an install script', async () => {
  await bob.does('install', 'hostile');
  expect(readdirSync(join(bob.project, 'souk_modules'))).toEqual(['hostile']);
  expect(readFileSync(join(bob.project, 'souk_modules', 'hostile', 'bin.js'), 'utf8')).toBe(files['bin.js']);
  expect(await site.get('/v1/packages/hostile/1.0.0')).toMatchObject({ body: { manifest: { hasInstallScript: true, bin: { ls: 'bin.js' } } } });
  expect(ran()).toEqual([]);
});

/** The package's archive as the site gives it, in a file. */
async function tarballOf({ name, version }: Acknowledged): Promise<string> {
  const answer = await fetch(new URL(`/v1/packages/${name}/${version}/tarball`, site.url));
  return writeBytes(join(world.folder('tarballs'), 'hostile.tgz'), Buffer.from(await answer.arrayBuffer()));
}
