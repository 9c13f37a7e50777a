import { join } from 'node:path';
import { runCommandLine } from './command-line.ts';
import { benchFolder, cacheFolder } from './parts/places.ts';
import { registry } from './registry.ts';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
// Whoever reads the report may stop early, as `head` does.
process.stdout.on('error', () => process.exit(0));

process.exitCode = await runCommandLine(process.argv.slice(2), {
  scenarios: registry,
  resultsFolder: join(benchFolder, 'results'),
  scratchIn: join(cacheFolder, 'runs'),
  signal: stop.signal,
  write: (text) => void process.stdout.write(text),
  say: (text) => void process.stderr.write(`${text}\n`),
});
