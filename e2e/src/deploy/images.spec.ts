import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { repository } from '../scenario/repository.ts';
import { apps, buildImages, imageOf, type App } from './containers/images.ts';
import { Podman } from './containers/podman.ts';

jest.setTimeout(7_200_000);

interface Inspected {
  readonly Size: number;
  readonly User: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Config: { readonly Env: readonly string[]; readonly Entrypoint: readonly string[] };
}

const podman = new Podman();
const files = new Map<App, readonly string[]>();
const folder = mkdtempSync(join(tmpdir(), 'souk-images-'));

const inspect = async (image: string): Promise<Inspected> => (JSON.parse(await podman.run('image', 'inspect', image)) as [Inspected])[0];

/** The paths of everything in an image. */
async function pathsIn(app: App): Promise<readonly string[]> {
  const archive = join(folder, `${app}.tar`);
  const id = (await podman.run('create', imageOf(app))).trim();
  await podman.run('export', '--output', archive, id);
  await podman.run('rm', id);
  return execFileSync('tar', ['-tf', archive], { encoding: 'utf8', maxBuffer: 1e9 }).split('\n');
}

beforeAll(async () => {
  await buildImages(podman);
  for (const app of apps) files.set(app, await pathsIn(app));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(apps)('the image of %s has a bundle, the licenses of what is in it, and neither node_modules nor a shell', async (app) => {
  const paths = files.get(app) ?? [];
  expect(paths).toEqual(expect.arrayContaining(['souk/main.mjs', 'souk/LICENSE', app === 'cli' ? 'souk/dist/THIRD-PARTY.txt' : 'souk/THIRD-PARTY.txt']));
  expect(paths.filter((path) => /(^|\/)node_modules(\/|$)|(^|\/)s?bin\/(npm|sh|bash|dash|busybox)$/.test(path))).toEqual([]);
  expect(paths.filter((path) => path.startsWith('souk/') && /\.(ts|map)$/.test(path))).toEqual([]);
  const { Size } = await inspect(imageOf(app));
  const own = execFileSync('tar', ['-xOf', join(folder, `${app}.tar`), 'souk'], { maxBuffer: 1e9 }).length;
  process.stdout.write(`${imageOf(app)}: ${(Size / 1e6).toFixed(0)} MB, ${(own / 1e6).toFixed(1)} MB of them Souk\n`);
});

test.each(apps)('the image of %s runs as a user without rights, straight on Node, and says what it is', async (app) => {
  const { User, Labels, Config } = await inspect(imageOf(app));
  expect(User).toBe('10001:10001');
  expect(Config.Entrypoint).toEqual(['node', '--disable-warning=ExperimentalWarning', '/souk/main.mjs']);
  expect(Labels).toMatchObject({ 'org.opencontainers.image.title': `souk-${app}`, 'org.opencontainers.image.licenses': 'Apache-2.0', 'org.opencontainers.image.version': expect.stringMatching(/^\d+\.\d+\.\d+$/), 'org.opencontainers.image.revision': 'unknown' });
  // No secret has a value that somebody could forget to change.
  expect(Config.Env.filter((line) => /TOKEN|SECRET|PASSWORD|KEY|JOIN/.test(line))).toEqual([]);
});

test('what was built in the image is byte for byte what was built beside it, at another path', () => {
  const layout = join(folder, 'layout');
  execFileSync(process.execPath, [join(repository, 'tools/images/lay-out.mjs'), layout], { stdio: ['ignore', 'ignore', 'inherit'] });
  for (const app of apps) {
    const unpacked = join(folder, 'unpacked');
    rmSync(unpacked, { recursive: true, force: true });
    execFileSync('mkdir', [unpacked]);
    execFileSync('tar', ['-xf', join(folder, `${app}.tar`), '-C', unpacked, 'souk']);
    expect(sums(join(unpacked, 'souk'))).toEqual(sums(join(layout, app)));
  }
});

/** The hash of every file below a folder, by its path. */
function sums(top: string): Record<string, string> {
  const entries = readdirSync(top, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(entries.map(({ parentPath, name }) => join(parentPath, name)).map((path) => [path.slice(top.length), createHash('sha256').update(readFileSync(path)).digest('hex')]));
}
