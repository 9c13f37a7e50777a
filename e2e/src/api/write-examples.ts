import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Exchange } from './api-caller.ts';
import { apiTour } from './api-tour.ts';

/** Most items of a list in an example. */
const most = 3;
const file = new URL('../../../apps/gateway/src/api-examples.json', import.meta.url);

/** The first call of each route, without what is bytes. */
function examplesOf(exchanges: readonly Exchange[]): Record<string, object> {
  const examples: Record<string, object> = {};
  for (const { name, params, query, body, type, answer } of exchanges) {
    const told = type === 'text/event-stream' ? (answer as unknown[]).at(0) : typeof answer === 'number' ? undefined : answer;
    examples[name] ??= { params, query, ...(body instanceof Uint8Array ? {} : { body }), answer: told };
  }
  return examples;
}

const short = (_key: string, value: unknown): unknown => (Array.isArray(value) ? value.slice(0, most) : value);

/** Writes the examples of the API document: what a real site was asked and answered. */
const folder = mkdtempSync(join(tmpdir(), 'souk-examples-'));
const env = { ...process.env, SOUK_DATA: folder, SOUK_PORT: '0', SOUK_P2P_HOST: '127.0.0.1', SOUK_P2P_PORT: '0', SOUK_ANNOUNCE: 'json', SOUK_MDNS: 'off' };
const site = spawn(process.execPath, [fileURLToPath(new URL('../../../apps/site/dist/main.js', import.meta.url))], { env, stdio: ['ignore', 'pipe', 'inherit'] });
try {
  const [line] = (await once(createInterface(site.stdout), 'line')) as [string];
  const { url } = JSON.parse(line) as { url: string };
  writeFileSync(file, `${JSON.stringify(examplesOf(await apiTour(url)), short, 2)}\n`);
} finally {
  site.kill();
  await once(site, 'exit');
  rmSync(folder, { recursive: true });
}
