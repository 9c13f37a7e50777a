import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's top folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const bin = join(root, 'node_modules', '.bin');
const stampFile = join(root, 'node_modules', '.souk-setup');

/** The environment of every step: the workspace's own binaries first (so `node` is Node 24), nothing that reports home. */
export const environment = {
  ...process.env,
  PATH: [bin, process.env.PATH].join(delimiter),
  NX_DAEMON: 'false',
  NX_NO_CLOUD: 'true',
  SCARF_ANALYTICS: 'false',
};

/**
 * Installs the dependencies when package-lock.json changed since the last time, and does nothing otherwise.
 * Runs under the machine's own Node (>= 20.12), because Node 24 is one of the dependencies. Ends the process when npm fails.
 */
export function setUp() {
  const wanted = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex');
  const present = existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : '';
  if (present === wanted) return;
  console.log('set-up: npm ci (the first time and when package-lock.json changes)');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, env: { ...process.env, SCARF_ANALYTICS: 'false' }, stdio: 'inherit' });
  if (npm.status !== 0) process.exit(npm.status ?? 1);
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, wanted);
}

/**
 * Runs one program of the workspace in the foreground, below Node 24.
 * @param {string} program name in node_modules/.bin, e.g. `node`
 * @param {string[]} args its arguments
 * @returns {number} its exit code; 1 when it could not be started or was killed
 */
export function run(program, args) {
  return spawnSync(join(bin, program), args, { cwd: root, env: environment, stdio: 'inherit' }).status ?? 1;
}
