import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const apps = join(dirname(fileURLToPath(import.meta.url)), '..', 'apps');
const cli = join(apps, 'cli');

function run(program, words, cwd) {
  const { status, stdout, stderr } = spawnSync(program, words, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${words.join(' ')} failed; the journeys need what npm run build makes:\n${stdout}${stderr}`);
}

/**
 * Before the first journey: packs apps/cli as it is shipped, the bundled site included, once for all specs, and copies the bundled
 * services. They start their sites and commands from these copies, so that a build in the meantime changes nothing.
 */
export default function packSouk() {
  const folder = mkdtempSync(join(tmpdir(), 'souk-packed-'));
  process.env.SOUK_E2E_PACKED = folder;
  run('npm', ['pack', '--silent', '--pack-destination', folder], cli);
  const [tarball] = readdirSync(folder);
  run('tar', ['-xzf', tarball], folder);
  cpSync(join(apps, 'services', 'dist', 'bundle'), join(folder, 'services'), { recursive: true });
}
