import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SoukError } from '@souk/domain';
import type { Host } from './host.ts';
import { showError } from './output/show-error.ts';
import { run } from './run.ts';

const stop = new AbortController();
// Once each: a second Ctrl-C ends the process at once, which loses nothing either.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => stop.abort(new SoukError('CANCELLED', 'Interrupted.', { details: { signal } })));
}
// Whoever reads our output may stop early, as `head` does.
process.stdout.on('error', () => process.exit(0));
process.stderr.on('error', () => {});

const host: Host = {
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  interactive: process.stdin.isTTY,
  signal: stop.signal,
  now: Date.now,
  nodeVersion: process.versions.node,
  packageFolder: dirname(dirname(fileURLToPath(import.meta.url))),
};
const words = process.argv.slice(2);
process.on('uncaughtException', (error) => process.exit(showError(host, words.includes('--json'), error)));

const code = await run(words, host);
process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
