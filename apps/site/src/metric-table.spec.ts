import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { DynamicModule } from '@nestjs/common';
import { metric, metricTable, type MetricName, type MetricService } from '@souk/contracts';
import { GatewayModule } from '@souk/gateway/module';
import { InstallModule } from '@souk/install/module';
import { bootstrap, createMetrics, InProcessBroker, Metrics, silentLog, type RunningService } from '@souk/nest';
import { PeerModule } from '@souk/peer/module';
import { ReputationModule } from '@souk/reputation/module';
import { SearchModule } from '@souk/search/module';
import { loadSiteSettings } from './config.ts';

let folder: string;
const running = new Map<MetricService, RunningService>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'souk-metrics-'));
  const settings = loadSiteSettings({ SOUK_DATA: folder, SOUK_PORT: '0', SOUK_P2P_HOST: '127.0.0.1', SOUK_NETWORK: 'open' });
  const broker = new InProcessBroker();
  const modules: Record<MetricService, DynamicModule> = {
    peer: PeerModule.with(settings.peer),
    search: SearchModule.with(settings.search),
    reputation: ReputationModule.with(settings.reputation),
    install: InstallModule.with(settings.install),
    gateway: GatewayModule.with(settings.gateway),
  };
  for (const [name, module] of Object.entries(modules) as [MetricService, DynamicModule][]) {
    running.set(name, await bootstrap(module, { name, transport: { type: 'in-process', broker }, log: silentLog, metrics: createMetrics() }));
  }
});
afterAll(async () => {
  for (const one of [...running.values()].toReversed()) await one.close();
  await rm(folder, { recursive: true, force: true });
});

/** What a service shows: the type of each metric, and the bounds of histograms, as Prometheus reads them. */
async function shown(service: MetricService): Promise<{ types: Record<string, string>; text: string }> {
  const text = await (await fetch(`${running.get(service)?.url}/metrics`)).text();
  return { types: Object.fromEntries([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type])), text };
}

const shows = (service: MetricService, name: MetricName): boolean => metric(name).services === 'all' || metric(name).services.includes(service);

test.each(['gateway', 'search', 'install', 'reputation', 'peer'] as const)('%s shows the metrics that the table gives it, and no others', async (service) => {
  const names = Object.keys(metricTable) as MetricName[];
  const given = Object.fromEntries(names.filter((name) => shows(service, name)).map((name) => [name, metric(name).type]));
  expect((await shown(service)).types).toEqual(given);
});

test('a metric is shown with the bounds of the table', async () => {
  await fetch(`${running.get('search')?.url}/healthz`);
  const { text } = await shown('search');
  const bounds = [...text.matchAll(/^souk_http_seconds_bucket\{le="([^"]+)",method="GET",route="\/healthz"\}/gm)].map(([, bound]) => Number(bound));
  expect(bounds.filter(Number.isFinite)).toEqual(metricTable.souk_http_seconds.buckets);
});

test('what is not in the table can not be registered', () => {
  const metrics = new Metrics();
  expect(() => metrics.counter('souk_unheard_of_total' as 'souk_http_total')).toThrow(/table of metrics/);
  expect(() => metrics.counter('souk_links' as 'souk_http_total')).toThrow(/table of metrics/);
});
