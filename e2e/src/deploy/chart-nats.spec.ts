import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { externalProgram } from '@souk/testing/external';
import { freePort } from '../scenario/free-port.ts';
import { until } from '../scenario/until.ts';
import { environmentOf, podsOf } from './chart/pods.ts';
import { rendered } from './chart/rendered.ts';
import { releases } from './chart/releases.ts';

let folder: string;
let running: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'souk-chart-nats-'));
  running = [];
});
afterEach(async () => {
  for (const child of running) {
    const ended = once(child, 'exit');
    if (child.exitCode === null && child.kill('SIGKILL')) await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

interface Ports {
  readonly client: number;
  readonly cluster: number;
  readonly monitor: number;
}

/** The rendered configuration on ports and in folders of this machine. */
function written(files: Readonly<Record<string, string>>, name: string, { client, cluster, monitor }: Ports): string {
  const home = join(folder, name);
  mkdirSync(home);
  const here = (text: string): string => text.replace('port: 4222', `host: "127.0.0.1"\nport: ${client}`).replace('http_port: 8222', `http: "127.0.0.1:${monitor}"`).replace('port: 6222', `host: "127.0.0.1"\n  port: ${cluster}`).replace('/var/run/nats', home);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(home, file), here(text));
  return join(home, 'nats.conf');
}

const ask = async (port: number, path: string): Promise<Record<string, unknown>> => {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
  return answer?.ok ? ((await answer.json()) as Record<string, unknown>) : {};
};

test('real NATS servers take the rendered configuration, find each other by their password and want one of everybody', async () => {
  const manifests = rendered(releases.site);
  const files = manifests.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'souk-nats')?.['data'] as Record<string, string>;
  const pod = podsOf(manifests).find(({ component }) => component === 'nats');
  const env = environmentOf(manifests, pod as NonNullable<typeof pod>);
  const ports: Ports[] = [];
  for (let at = 0; at < 3; at++) ports.push({ client: await freePort(), cluster: await freePort(), monitor: await freePort() });
  const routes = Object.fromEntries(ports.map(({ cluster }, at) => [`SOUK_NATS_ROUTE_${at}`, env[`SOUK_NATS_ROUTE_${at}`]?.replace(/@.*/, `@127.0.0.1:${cluster}`)]));
  for (const [at, own] of ports.entries()) {
    const config = written(files, `nats-${at}`, own);
    running.push(spawn(externalProgram('nats-server'), ['--config', config], { env: { ...env, ...routes, POD_NAME: `souk-nats-${at}` }, stdio: 'ignore' }));
  }
  const others = async (): Promise<number[]> => Promise.all(ports.map(async ({ monitor }) => new Set((((await ask(monitor, '/routez'))['routes'] ?? []) as { remote_name: string }[]).map((route) => route.remote_name)).size));
  await until({ what: 'each server knows the two others', read: others, isDone: (counts) => counts.every((count) => count === 2) });
  for (const { monitor } of ports) {
    expect(await ask(monitor, '/healthz')).toEqual({ status: 'ok' });
    expect(await ask(monitor, '/varz')).toMatchObject({ auth_required: true, max_payload: 1_048_576 });
  }
});
