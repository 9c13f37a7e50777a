import { expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { rendered, renderedText, helm, chart, kubernetes, valueArguments, type Release } from './chart/rendered.ts';
import { releases } from './chart/releases.ts';

const all: readonly (readonly [string, Release])[] = Object.entries(releases);

test.each(all.slice(0, 3))('helm finds nothing wrong with the profile %s', (_name, release) => {
  expect(helm('lint', chart, '--strict', '--kube-version', kubernetes, ...valueArguments(release))).toMatchObject({ code: 0 });
});

const sorted = (release: Release): string =>
  rendered(release)
    .map((manifest) => [`${manifest.kind} ${manifest.metadata.name}`, stringify(manifest, { lineWidth: 0 })] as const)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([, text]) => text)
    .join('---\n');

test.each(all.slice(0, 3))('the profile %s is what was reviewed', (_name, release) => {
  expect(sorted(release)).toMatchSnapshot();
});

test.each(all)('names are unique and short enough, and everything has the labels of the release: %s', (_name, release) => {
  const manifests = rendered(release);
  const names = manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  expect(names).toEqual([...new Set(names)]);
  for (const { metadata, kind } of manifests) {
    expect(metadata.name.length).toBeLessThanOrEqual(kind === 'StatefulSet' ? 52 : 63);
    if (!['extra', 'one-of-many-releases-with-names-that-are-templated'].includes(metadata.name)) expect(metadata.labels).toMatchObject({ 'app.kubernetes.io/instance': release.name ?? 'souk', 'app.kubernetes.io/name': 'souk' });
  }
});

const kindsOf = (release: Release): string[] => [...new Set(rendered(release).map(({ kind }) => kind))].toSorted();

test('a profile has what it is for, and what is off by default is not there', () => {
  expect(rendered(releases.single).filter(({ kind }) => ['StatefulSet', 'Deployment'].includes(kind)).map(({ metadata }) => metadata.name).toSorted()).toEqual(['souk-gateway', 'souk-install', 'souk-nats', 'souk-peer', 'souk-reputation', 'souk-search']);
  expect(rendered(releases.backbone).filter(({ kind }) => ['StatefulSet', 'Deployment'].includes(kind)).map(({ metadata }) => metadata.name)).toEqual(['souk-super']);
  expect(kindsOf(releases.site)).toEqual(['ConfigMap', 'Deployment', 'HorizontalPodAutoscaler', 'NetworkPolicy', 'Pod', 'PodDisruptionBudget', 'Secret', 'Service', 'ServiceAccount', 'StatefulSet']);
  expect(kindsOf(releases['everything on'])).toEqual(expect.arrayContaining(['HTTPRoute', 'Ingress', 'ServiceMonitor']));
});

test('where secrets are of one’s own none is made, and each is asked for by its name', () => {
  const release = releases['secrets of one’s own'];
  expect(kindsOf(release)).not.toContain('Secret');
  const text = renderedText(release);
  for (const name of ['own-token', 'own-site', 'own-network', 'own-nats']) expect(text).toContain(`name: ${name}`);
});

const announcedIn = (release: Release): string[] => rendered(release).flatMap(({ kind, spec }) => {
  if (kind !== 'StatefulSet') return [];
  const text = JSON.stringify(spec);
  return /"SOUK_P2P_ANNOUNCE","value":"([^"]*)"/.exec(text)?.[1]?.split(',') ?? [];
});

test('each pod announces an address of its own, at which a Service answers', () => {
  expect(announcedIn(releases.single)).toEqual([]);
  expect(announcedIn(releases.site)).toEqual(['souk-peer-0@/ip4/$(HOST_IP)/tcp/30686', 'souk-peer-1@/ip4/$(HOST_IP)/tcp/30687', 'souk-super-0@/ip4/$(HOST_IP)/tcp/30786']);
  expect(announcedIn(releases.backbone)).toEqual([0, 1, 2].map((at) => `souk-super-${at}@/dns4/souk-super-${at}.souk.example.org/tcp/${30_786 + at}`));
  expect(announcedIn(releases['load balancers'])).toContain('souk-peer-1@/dns4/souk-peer-1.souk.example.org/tcp/7686');
  expect(announcedIn(releases['ports of the nodes'])).toContain('souk-super-2@/ip4/$(HOST_IP)/tcp/7686');
  const services = rendered(releases.site).filter(({ kind, metadata }) => kind === 'Service' && metadata.name.endsWith('-p2p'));
  expect(services.map(({ metadata, spec }) => [metadata.name, (spec as { ports: { nodePort: number }[] }).ports[0]?.nodePort])).toEqual([
    ['souk-peer-0-p2p', 30_686],
    ['souk-peer-1-p2p', 30_687],
    ['souk-super-0-p2p', 30_786],
  ]);
});

test('pods are rolled when what they were configured with is another, and only then', () => {
  const checksums = (values: Record<string, unknown>): string[] =>
    rendered({ ...releases.site, values: { ...releases.site.values, ...values } }).flatMap((one) => /"checksum\/config":"(\w+)"/.exec(JSON.stringify(one))?.[1] ?? []);
  const before = checksums({});
  expect(before).toHaveLength(7);
  expect(checksums({ 'search.autoscaling.maxReplicas': 20 })).toEqual(before);
  expect(checksums({ 'site.secret': 'another-secret-of-this-site' }).map((one, at) => one === before[at])).toEqual(before.map((one) => one === checksumOfNats(before)));
});

const checksumOfNats = (checksums: readonly string[]): string | undefined => checksums.find((one) => checksums.indexOf(one) === checksums.lastIndexOf(one));

test('notes say where the site answers, how its peer is known and what others join by', () => {
  const notesOf = (release: Release): unknown => {
    const values = { ...release.values, extraObjects: ['apiVersion: v1\nkind: ConfigMap\nmetadata: { name: notes }\ndata: { text: {{ include "souk.notes" . | quote }} }\n'] };
    return rendered({ ...release, values }).find(({ metadata }) => metadata.name === 'notes')?.['data'];
  };
  const single = (notesOf(releases.single) as { text: string }).text;
  for (const said of ['service/souk-gateway 7685:80', 'get secret souk ', '/dns4/souk-peer.team.svc.cluster.local/tcp/7686', 'souk network invite', 'helm test souk -n team']) expect(single).toContain(said);
  const backbone = (notesOf(releases.backbone) as { text: string }).text;
  for (const said of ['service/souk-super-http 7685:7685', 'souk-super-2: /dns4/souk-super-2.souk.example.org/tcp/30788/p2p/<peer id>', 'souk network amend --super']) expect(backbone).toContain(said);
  expect((notesOf(releases['everything on']) as { text: string }).text).toContain('https://souk.example.org');
});
