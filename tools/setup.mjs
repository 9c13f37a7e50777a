import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's top folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const bin = join(root, 'node_modules', '.bin');
const stampFile = join(root, 'node_modules', '.souk-setup');

/** The environment of every step: the workspace's own binaries first, so that `node` is Node 24, and nothing that reports home. */
const environment = {
  ...process.env,
  PATH: [bin, process.env.PATH].join(delimiter),
  NX_DAEMON: 'false',
  NX_NO_CLOUD: 'true',
};

/** Whether node_modules already holds what package-lock.json names, e.g. because somebody ran `npm ci` by hand. */
function isInstalled() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(join(bin, 'node')) || !existsSync(installed)) return false;
  const { packages: wanted } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const { packages: present } = JSON.parse(readFileSync(installed, 'utf8'));
  return Object.entries(wanted).every(
    ([path, entry]) => !path.includes('node_modules/') || entry.optional || (path in present && present[path].version === entry.version),
  );
}

/**
 * Installs the dependencies when package-lock.json changed since the last time, and does nothing otherwise.
 * Runs under the machine's own Node (>= 20.12), because Node 24 is one of the dependencies. Ends the process when npm fails.
 */
export function setUp() {
  const wanted = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex');
  const present = existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : '';
  if (present === wanted) return;
  if (!isInstalled()) install();
  writeFileSync(stampFile, wanted);
}

function install() {
  console.log('set-up: npm ci (the first time, and whenever package-lock.json changes)');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, stdio: 'inherit' });
  if (npm.status !== 0) process.exit(npm.status ?? 1);
}

/**
 * Runs one program of the workspace in the foreground, under Node 24. Ctrl-C reaches it through the terminal and SIGTERM
 * is passed on; in both cases its own shutdown is awaited.
 * @param {string} program name in node_modules/.bin, e.g. `node`
 * @param {string[]} args its arguments
 * @param {import('node:child_process').StdioOptions} stdio where its streams lead; those of this process when left out
 * @param {Record<string, string>} env variables beside those of every step
 * @returns {Promise<number>} its exit code; 1 when it could not be started or a signal ended it
 */
export function run(program, args, stdio = 'inherit', env = {}) {
  const child = spawn(join(bin, program), args, { cwd: root, env: { ...environment, ...env }, stdio });
  const wait = () => {};
  const pass = () => child.kill('SIGTERM');
  process.on('SIGINT', wait).on('SIGTERM', pass);
  return new Promise((resolve) => {
    const end = (code) => {
      process.off('SIGINT', wait).off('SIGTERM', pass);
      resolve(code);
    };
    child.once('error', (error) => {
      console.error(`${program} did not start: ${error.message}`);
      end(1);
    });
    child.once('exit', (code) => end(code ?? 1));
  });
}
