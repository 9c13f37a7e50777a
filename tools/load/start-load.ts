import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runLoadCommand } from '@souk/bench';
import { goalLine } from './goal-line.ts';

/** `npm run load`: what apps/bench does, with the goals of tools/slo. */
const top = fileURLToPath(new URL('../..', import.meta.url));
const cache = join(top, 'node_modules', '.cache', 'souk', 'load');
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

process.exitCode = await runLoadCommand(process.argv.slice(2), {
  resultsFolder: join(cache, 'results'),
  scratchIn: join(cache, 'runs'),
  signal: stop.signal,
  goalLine,
  write: (text) => void process.stdout.write(text),
  say: (text) => void process.stderr.write(`${text}\n`),
});
