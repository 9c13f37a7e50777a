import { readFileSync } from 'node:fs';
import { natsServerConfig, serviceNames, type NatsPassword, type ServiceName } from '@souk/contracts';
import { freeSettings } from './chart-settings.ts';
import { valuesTable } from './values-table.ts';

const chart = new URL('../../helm/souk/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, chart), 'utf8');

/** Users of NATS and what they may do, from the contracts; passwords are variables of the server's environment. */
function natsUsers(): string {
  const passwords = Object.fromEntries(serviceNames.map((name) => [name, { env: `SOUK_NATS_${name.toUpperCase()}` }])) as Record<ServiceName, NatsPassword>;
  return natsServerConfig(passwords);
}

/** The schema of the values, with the settings that peers and super-peers declare. */
function schema(): string {
  const whole = JSON.parse(read('values.schema.json')) as { $defs: Record<string, unknown> };
  const settings = (container: 'peer' | 'super-peer'): unknown => ({
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries([...freeSettings(container)].map(([name, description]) => [name, { type: ['string', 'number'], description }])),
  });
  const $defs = { ...whole.$defs, peerSettings: settings('peer'), superPeerSettings: settings('super-peer') };
  return `${JSON.stringify({ ...whole, $defs }, null, 2)}\n`;
}

/** The chart's README: what stands before its table of values, then the table. */
function readme(): string {
  const text = read('README.md');
  const mark = '<!-- Below is made from values.yaml: npm run chart. -->\n';
  return `${text.slice(0, text.indexOf(mark))}${mark}\n${valuesTable(read('values.yaml'))}`;
}

/** The files of the chart that are made from something else, by their paths below helm/souk, as they should be. */
export function chartFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['files/nats-users.conf', natsUsers()],
    ['values.schema.json', schema()],
    ['README.md', readme()],
  ]);
}

/** Where a file of the chart lies. */
export const chartFile = (name: string): URL => new URL(name, chart);
