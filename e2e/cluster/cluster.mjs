import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/**
 * `npm run test:cluster [-- words for helm]`: installs the chart twice into the cluster of the current context, in two namespaces of their own. The
 * sites share a network key and know of each other only what the first announces outside: its node's address and port. What is published
 * at the first is found at the second and installed there. Images must be where the cluster finds them: `-- --set image.registry=...`.
 * Ends with `N passed, N failed`; takes away what it made.
 */
const top = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const chart = join(top, 'helm', 'souk');
const further = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'souk-cluster-'));
const mark = randomBytes(3).toString('hex');
const patienceMs = 180_000;
const secret = () => `s${randomBytes(20).toString('hex')}`;
const networkKey = randomBytes(32).toString('hex');
const forwards = [];
const sites = [];

function run(program, words, env = {}) {
  const { status, error, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8', env: { ...process.env, ...env }, cwd: folder });
  if (error) throw new Error(`${program} can't be run: ${error.message}`);
  if (status !== 0) throw new Error(`${program} ${words.slice(0, 3).join(' ')} ... ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}

/** Installs one site and answers how it is reached. */
async function install(name, firstPort, bootstrap) {
  const namespace = `souk-${name}-${mark}`;
  const site = { namespace, token: secret() };
  sites.push(site);
  const passwords = Object.fromEntries(['peer', 'search', 'install', 'reputation', 'gateway', 'cluster'].map((user) => [user, secret()]));
  const values = {
    gateway: { token: site.token },
    site: { secret: secret() },
    network: { key: networkKey, bootstrap },
    nats: { auth: { passwords } },
    p2p: { external: { type: 'NodePort', nodePort: { peers: firstPort } } },
  };
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(values), { mode: 0o600 });
  run('helm', ['install', 'souk', chart, '--namespace', namespace, '--create-namespace', '--values', join(chart, 'values-single.yaml'), '--values', file, '--wait', '--timeout', '5m', ...further]);
  site.announced = `/ip4/${run('kubectl', ['-n', namespace, 'get', 'pod', 'souk-peer-0', '-o', 'jsonpath={.status.hostIP}'])}/tcp/${firstPort}`;
  const forward = spawn('kubectl', ['-n', namespace, 'port-forward', 'service/souk-gateway', ':80'], { stdio: ['ignore', 'pipe', 'inherit'] });
  forwards.push(forward);
  const [line] = await once(createInterface({ input: forward.stdout }), 'line');
  site.url = `http://127.0.0.1:${/:(\d+) ->/.exec(line)[1]}`;
  return site;
}

const souk = ({ url, token }, ...words) => JSON.parse(run(process.execPath, ['--disable-warning=ExperimentalWarning', join(top, 'apps/cli/bin/souk.mjs'), ...words, '--json'], { SOUK_SITE: url, SOUK_TOKEN: token, SOUK_HOME: join(folder, 'home') }));

async function untilFound(site, name) {
  for (const end = Date.now() + patienceMs; !souk(site, 'search', name).items.some((item) => item.name === name); await delay(1000)) {
    if (Date.now() > end) throw new Error(`${name} is not found at ${site.namespace}`);
  }
}

async function journey() {
  const a = await install('a', 31_686, []);
  const b = await install('b', 31_886, [a.announced]);
  for (const { namespace } of sites) run('helm', ['test', 'souk', '--namespace', namespace, '--logs']);
  const name = `cluster-${mark}`;
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, 'package.json'), JSON.stringify({ name, version: '1.0.0' }));
  writeFileSync(join(folder, name, 'index.js'), `module.exports = '${mark}';\n`);
  souk(a, 'publish', join(folder, name));
  await untilFound(b, name);
  souk(b, 'install', name);
  if (!readFileSync(join(folder, 'souk_modules', name, 'index.js'), 'utf8').includes(mark)) throw new Error('what was installed is not what was published');
}

function cleanUp() {
  for (const forward of forwards) forward.kill();
  for (const { namespace } of sites) spawnSync('kubectl', ['delete', 'namespace', namespace, '--wait=false'], { stdio: 'inherit' });
  rmSync(folder, { recursive: true, force: true });
}

let failed = 0;
try {
  if (!JSON.parse(run('kubectl', ['version', '-o', 'json'])).serverVersion) throw new Error('no API server answers: kubectl config current-context must name a cluster that does');
  await journey();
} catch (error) {
  failed = 1;
  console.error(error.message);
} finally {
  cleanUp();
}
console.log(`${1 - failed} passed, ${failed} failed`);
process.exitCode = failed;
