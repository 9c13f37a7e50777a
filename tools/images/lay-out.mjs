import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * `node lay-out.mjs FOLDER`, after `npm run build`: writes what each image has in /souk, `FOLDER/<app>`, with `main.mjs` as what is started,
 * and `FOLDER/data`, the empty data folder. Bundles only: no node_modules.
 */
const top = fileURLToPath(new URL('../..', import.meta.url));
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('expected a folder to write to');
rmSync(folder, { recursive: true, force: true });

const workers = ['bulk-worker.js', 'verify-worker.js'];
const services = { peer: workers, search: [], install: [], reputation: [], gateway: [] };
const bundles = join(top, 'apps', 'services', 'dist', 'bundle');

const draft = mkdtempSync(join(tmpdir(), 'souk-layout-'));
execFileSync('npm', ['pack', '--silent', '--pack-destination', draft], { cwd: join(top, 'apps', 'cli'), stdio: ['ignore', 'ignore', 'inherit'] });
execFileSync('tar', ['-xzf', ...globSync('*.tgz', { cwd: draft })], { cwd: draft });
const command = join(draft, 'package');

for (const [service, beside] of Object.entries(services)) {
  const files = { 'main.mjs': join(bundles, `${service}.mjs`), ...Object.fromEntries(beside.map((name) => [name, join(bundles, name)])), LICENSE: join(top, 'LICENSE'), 'THIRD-PARTY.txt': join(command, 'dist', 'THIRD-PARTY.txt') };
  for (const [name, from] of Object.entries(files)) cpSync(from, join(folder, service, name));
}
cpSync(command, join(folder, 'cli'), { recursive: true });
writeFileSync(join(folder, 'cli', 'main.mjs'), "await import('./bin/souk.mjs');\n");
mkdirSync(join(folder, 'data'));
rmSync(draft, { recursive: true });
