import { afterAll, beforeAll, expect } from '@jest/globals';
import { natsTest } from '@souk/testing/nats';
import { publishSmall } from './scenario/kept.ts';
import { Scenario } from './scenario/scenario.ts';
import { until } from './scenario/until.ts';
import { OtlpReceiver, type ReceivedSpan } from './telemetry/otlp-receiver.ts';

const world = new Scenario();
const collector = await OtlpReceiver.start();
// A machine may be slow; what is lost then is no fault.
const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_EXPORTER_OTLP_TIMEOUT: '60000' };
const near = world.services('near', { replicas: 1 }).with(traced);
const far = world.site('far').with(traced);
const [ada, ben] = [world.person('ada'), world.person('ben').with(traced)];

/** What an attribute of a span may be called: no other one leaves a process. */
const attributes = ['http.request.method', 'http.route', 'http.response.status_code', 'rpc.system', 'rpc.method', 'messaging.system', 'messaging.destination.name', 'messaging.operation.type', 'error.type', 'process.exit.code', 'souk.protocol', 'souk.peer', 'souk.cid', 'souk.bytes'];

beforeAll(async () => {
  await far.start();
  await near.joins(far).start();
  ada.at(far);
  ben.at(near);
});
afterAll(async () => {
  await world.end();
  await collector.close();
});

const shown = ({ service, kind, name }: ReceivedSpan): string => `${service} ${kind} ${name}`;

/** From a span up to the first of its trace. */
function lineage(span: ReceivedSpan | undefined, trace: readonly ReceivedSpan[]): string[] {
  const parent = span && trace.find((one) => one.spanId === span.parentId);
  return span ? [...(parent ? lineage(parent, trace) : []), shown(span)] : [];
}

const orphans = (trace: readonly ReceivedSpan[]): readonly ReceivedSpan[] => trace.filter((span) => span.parentId !== undefined && !trace.some((one) => one.spanId === span.parentId));
const servedFar = (trace: readonly ReceivedSpan[]): ReceivedSpan | undefined => trace.find((span) => shown(span) === 'souk-peer server /souk/blob/1 get?');

natsTest('an install of what another site has is one trace, from the command line to the peer of that site and back', async () => {
  await publishSmall(ada, world.folder('kit'), { name: 'kit' });
  await until({ what: 'the other site to know the package', read: () => ben.souk('info', 'kit'), isDone: ({ code }) => code === 0 });
  await ben.does('install', 'kit');
  const read = async (): Promise<readonly ReceivedSpan[]> => collector.traceWith('souk install');
  const trace = await until({ what: 'the whole trace', read, isDone: (spans) => servedFar(spans) !== undefined && spans.some((span) => span.parentId === undefined) && orphans(spans).length === 0 });
  expect(lineage(servedFar(trace), trace)).toEqual([
    'souk-cli internal souk install',
    'souk-cli client POST /v1/installs',
    'souk-gateway server POST /v1/installs',
    'souk-gateway client souk.install.v1.install',
    'souk-install server souk.install.v1.install',
    'souk-install client souk.peer.{ordinal}.v1.fetch',
    'souk-peer server souk.peer.{ordinal}.v1.fetch',
    'souk-peer internal fetch blob',
    'souk-peer client /souk/blob/1 get?',
    'souk-peer server /souk/blob/1 get?',
  ]);
  const asked = trace.find((span) => shown(span) === 'souk-peer client /souk/blob/1 get?');
  expect(servedFar(trace)?.instance).not.toBe(asked?.instance);
  expect(trace.filter((span) => span.parentId === undefined).map(shown)).toEqual(['souk-cli internal souk install']);
  expect(attributes).toEqual(expect.arrayContaining([...new Set(trace.flatMap((span) => span.attributes))]));
  expect(trace.filter((span) => span.isError).map(shown)).toEqual([]);
  expect(collector.refused).toEqual([]);
});
