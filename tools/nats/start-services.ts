import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { externalTools } from '../external/external-tools.ts';
import { findTool } from '../external/find-tool.ts';

/** Runs `apps/services` with the nats-server of this machine, fetched when it has to be, unless another one is named. */
const top = fileURLToPath(new URL('../..', import.meta.url));
const { env, argv } = process;

if (!env['SOUK_NATS_URL'] && !env['SOUK_NATS_SERVER']) {
  const onFetch = (): void => void process.stderr.write('set-up: nats-server (once; this can take a minute)\n');
  const found = findTool(externalTools['nats-server'], { env, tools: join(top, '.tools'), onFetch });
  if ('path' in found) env['SOUK_NATS_SERVER'] = found.path;
  else process.stderr.write(`${found.why}\n`);
}
// Compiled code is kept for the next start of every process.
env['NODE_COMPILE_CACHE'] ??= join(top, 'node_modules', '.cache', 'souk', 'compile');
const program = join(top, 'apps', 'services', 'dist', 'bundle', 'services.mjs');
process.argv = [argv[0] ?? 'node', program, ...argv.slice(2)];
await import(program);
