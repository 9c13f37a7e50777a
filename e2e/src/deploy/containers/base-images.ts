import { cpSync, existsSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { externalProgram } from '@souk/testing/external';
import { runToEnd } from '../../scenario/child.ts';
import type { Podman } from './podman.ts';

/** What images stand on and are built on where no registry of images is within reach. */
export interface BaseImages {
  /** Debian and Node, without a shell: what starts on it needs none. */
  readonly base: string;
  /** The same with a shell and npm, npm's settings and the certificates of this machine. */
  readonly build: string;
}

const suite = 'bookworm';
const shells = ['sh', 'dash', 'bash', 'rbash'].map((name) => `--exclude=./usr/bin/${name}`);
const ballast = ['./var/cache/apt/*', './var/lib/apt/lists/*', './usr/share/doc/*', './usr/share/man/*', './usr/share/locale/*', './var/log/*'].map((path) => `--exclude=${path}`);

/** Makes both by debootstrap, with the Node that runs this, once for each version of it. */
export async function baseImages(podman: Podman): Promise<BaseImages> {
  const images = { base: `localhost/souk-base:${suite}-${process.version}`, build: `localhost/souk-build:${suite}-${process.version}` };
  if ((await podman.has(images.base)) && (await podman.has(images.build))) return images;
  // Not in memory: it is a whole system.
  const folder = mkdtempSync('/var/tmp/souk-base-');
  try {
    await system(join(folder, 'root'));
    await importTree(podman, join(folder, 'root'), images.base, shells, join(folder, 'base.tar'));
    npmInto(join(folder, 'root'));
    await importTree(podman, join(folder, 'root'), images.build, [], join(folder, 'build.tar'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return images;
}

async function must(program: string, ...words: string[]): Promise<void> {
  const { code, stdout, stderr } = await runToEnd(program, words, { cwd: '/', env: { PATH: process.env['PATH'] ?? '' } }, 3_600_000);
  if (code !== 0) throw new Error(`${program} ended with ${code}:\n${stdout.slice(-4000)}${stderr.slice(-4000)}`);
}

async function system(root: string): Promise<void> {
  await must(externalProgram('debootstrap'), '--variant=minbase', suite, root);
  cpSync(process.execPath, join(root, 'usr/local/bin/node'), { dereference: true });
}

async function importTree(podman: Podman, root: string, image: string, left: readonly string[], archive: string): Promise<void> {
  await must('tar', '-C', root, '--sort=name', ...ballast, ...left, '-cf', archive, '.');
  await podman.run('import', ...(image.includes('build') ? ['--change', 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt'] : []), archive, image);
}

/** npm as it is on this machine, which knows how to reach a registry. The image never leaves it. */
function npmInto(root: string): void {
  const { npm_execpath: npm = '' } = process.env;
  const home = npm.slice(0, npm.lastIndexOf('/bin/'));
  if (!existsSync(join(home, 'package.json'))) throw new Error('npm is copied from what runs this: start it by npm run test:deploy.');
  cpSync(home, join(root, 'usr/local/lib/node_modules/npm'), { recursive: true, dereference: true });
  for (const name of ['npm', 'npx']) symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(root, 'usr/local/bin', name));
  const settings = join(homedir(), '.npmrc');
  if (existsSync(settings)) cpSync(settings, join(root, 'root/.npmrc'));
  mkdirSync(join(root, 'etc/ssl/certs'), { recursive: true });
  const certificates = process.env['NODE_EXTRA_CA_CERTS'] ?? '/etc/ssl/certs/ca-certificates.crt';
  if (existsSync(certificates)) cpSync(certificates, join(root, 'etc/ssl/certs/ca-certificates.crt'), { dereference: true });
  else writeFileSync(join(root, 'etc/ssl/certs/ca-certificates.crt'), '');
}
