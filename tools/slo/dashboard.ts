import type { Objective } from './objective.ts';
import { budgetObjectives, objectives } from './objectives.ts';
import { quantileOf, rateOf, siteLabel } from './promql.ts';
import { badShareName, figureName, figureOf } from './rule-file.ts';

/** One line of a panel. */
export interface PanelQuery {
  readonly expr: string;
  readonly legendFormat: string;
}

interface PanelText {
  readonly title: string;
  readonly unit: 's' | 'percentunit' | 'bytes' | 'short' | 'Bps' | 'reqps';
  readonly queries: readonly PanelQuery[];
  readonly description?: string;
  readonly thresholds?: readonly { readonly value: number | null; readonly color: string }[];
}

const one = (expr: string, legendFormat: string): PanelQuery => ({ expr, legendFormat });
const units = { s: 's', ratio: 'percentunit', bytes: 'bytes' } as const;

function objectivePanel(objective: Objective): PanelText {
  const { title, unit, better, target, alertAt, goal } = objective;
  const [good, bad] = ['green', 'red'];
  const beyond = better === 'less' ? [{ value: null, color: good }, { value: target, color: 'yellow' }, ...(alertAt === undefined ? [] : [{ value: alertAt, color: bad }])] : [{ value: null, color: alertAt === undefined ? 'yellow' : bad }, ...(alertAt === undefined ? [] : [{ value: alertAt, color: 'yellow' }]), { value: target, color: good }];
  return { title, unit: units[unit], queries: [one(figureName(objective), `{{${siteLabel}}}`)], description: goal === undefined ? '' : `Souk's own goal: ${goal}`, thresholds: beyond };
}

const perInstance = (expr: string): PanelQuery => one(expr, '{{job}} {{instance}}');
const gauge = (metric: string, legend: string): PanelQuery => one(`sum by (${siteLabel}) (${metric})`, legend);

/** Rows of the dashboard, by title. */
const rows: Readonly<Record<string, readonly PanelText[]>> = {
  Objectives: objectives.filter((objective) => figureOf(objective) !== undefined).map(objectivePanel),
  Budgets: budgetObjectives.map((budget) => ({ title: `${budget.title}: share that was not, objective ${budget.objective}`, unit: 'percentunit', queries: ['1h', '6h', '3d'].map((window) => one(badShareName(budget, window), window)) })),
  'Cache tiers': [
    { title: 'Lookups by the tier that was asked', unit: 'reqps', queries: [one(rateOf({ metric: 'souk_lookup_tier_total' }, '5m', 'tier', 'result'), '{{tier}} {{result}}')] },
    { title: 'Hit rate of each tier', unit: 'percentunit', queries: [one(`${rateOf({ metric: 'souk_lookup_tier_total', selector: 'result="hit"' }, '5m', 'tier')} / ${rateOf({ metric: 'souk_lookup_tier_total' }, '5m', 'tier')}`, '{{tier}}')] },
    { title: 'Lookup, p95 by tier', unit: 's', queries: [one(`histogram_quantile(0.95, ${rateOf({ metric: 'souk_lookup_seconds_bucket' }, '5m', 'tier', 'le')})`, '{{tier}}')] },
  ],
  'Peers and leases': [
    { title: 'Links', unit: 'short', queries: [gauge('souk_links', 'peers'), gauge('souk_super_peers_linked', 'super-peers')] },
    { title: 'Leases', unit: 'short', queries: [gauge('souk_leased_blobs', 'leased blobs'), gauge('souk_lease_holders', 'holders'), gauge('souk_index_leases', 'leases in the index'), gauge('souk_index_cids', 'cids in the index')] },
    { title: 'Answers of super-peers', unit: 'reqps', queries: [one(rateOf({ metric: 'souk_super_answers_total' }, '5m', 'verdict'), '{{verdict}}')] },
    { title: 'Bytes to and from other peers', unit: 'Bps', queries: [one(rateOf({ metric: 'souk_p2p_bytes_total' }, '5m', 'direction'), '{{direction}}')] },
  ],
  Sync: [
    { title: 'Sync lag', unit: 's', queries: [perInstance('souk_sync_lag_seconds')] },
    { title: 'Behind', unit: 'short', queries: [gauge('souk_peers_behind', 'linked peers that have more'), gauge('souk_replica_lag_records', 'records that a replica lacks'), gauge('souk_blobs_below_copies', 'blobs without a copy')] },
    { title: 'Gossip, p95', unit: 's', queries: [one(quantileOf({ metric: 'souk_gossip_seconds' }, 0.95, '5m'), 'p95')] },
  ],
  Requests: [
    { title: 'Requests', unit: 'reqps', queries: [one(rateOf({ metric: 'souk_http_total', selector: 'route=~"/v1/.*"' }, '5m', 'route'), '{{route}}')] },
    { title: 'Errors by code', unit: 'reqps', queries: [one(rateOf({ metric: 'souk_http_errors_total' }, '5m', 'code'), '{{code}}')] },
    { title: 'Calls between services, p95', unit: 's', queries: [one(`histogram_quantile(0.95, ${rateOf({ metric: 'souk_rpc_seconds_bucket', selector: 'side="server"' }, '5m', 'contract', 'le')})`, '{{contract}}')] },
  ],
  Processes: [
    { title: 'Delay of the event loop, p99', unit: 's', queries: [perInstance('nodejs_eventloop_lag_p99_seconds')] },
    { title: 'Resident memory', unit: 'bytes', queries: [perInstance('process_resident_memory_bytes')] },
    { title: 'Heap', unit: 'bytes', queries: [perInstance('nodejs_heap_size_used_bytes')] },
    { title: 'Processor', unit: 'percentunit', queries: [perInstance('rate(process_cpu_seconds_total[5m])')] },
    { title: 'Free disk', unit: 'bytes', queries: [perInstance('souk_disk_free_bytes')] },
    { title: 'Not ready', unit: 'short', queries: [one('souk_ready == 0', '{{service}} {{instance}}')] },
  ],
};

const source = { type: 'prometheus', uid: '${source}' };
const width = 8;
const height = 7;

function panel({ title, unit, queries, description = '', thresholds = [] }: PanelText, id: number, x: number, y: number): object {
  return {
    id, title, description, type: 'timeseries', datasource: source, gridPos: { x, y, w: width, h: height },
    targets: queries.map((query, at) => ({ refId: String.fromCharCode(65 + at), datasource: source, ...query })),
    fieldConfig: { defaults: { unit, min: 0, custom: { thresholdsStyle: { mode: thresholds.length > 0 ? 'line' : 'off' } }, thresholds: { mode: 'absolute', steps: thresholds.length > 0 ? thresholds : [{ value: null, color: 'green' }] } }, overrides: [] },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
  };
}

function laidOut(): object[] {
  const panels: object[] = [];
  let y = 0;
  for (const [title, texts] of Object.entries(rows)) {
    panels.push({ id: panels.length + 1, title, type: 'row', collapsed: false, panels: [], gridPos: { x: 0, y, w: 24, h: 1 } });
    for (const [at, text] of texts.entries()) panels.push(panel(text, panels.length + 1, (at % 3) * width, y + 1 + Math.floor(at / 3) * height));
    y += 1 + Math.ceil(texts.length / 3) * height;
  }
  return panels;
}

/** Every expression of the dashboard. */
export const dashboardExpressions: readonly string[] = Object.values(rows).flat().flatMap(({ queries }) => queries.map(({ expr }) => expr));

/** The Grafana dashboard as JSON; the source of its data is chosen where it is shown. */
export function dashboard(): string {
  const choose = { name: 'source', label: 'Prometheus', type: 'datasource', query: 'prometheus', current: {}, hide: 0, refresh: 1 };
  const all = { uid: 'souk', title: 'Souk', tags: ['souk'], schemaVersion: 39, editable: false, refresh: '30s', time: { from: 'now-6h', to: 'now' }, timezone: 'browser', templating: { list: [choose] }, annotations: { list: [] }, panels: laidOut() };
  return `${JSON.stringify(all, undefined, 2)}\n`;
}
