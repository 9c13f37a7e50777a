import { expect, test } from '@jest/globals';
import { podsOf, type Container, type Pod } from './chart/pods.ts';
import { rendered, type Manifest, type Release } from './chart/rendered.ts';
import { releases } from './chart/releases.ts';

const cases: readonly (readonly [string, Release])[] = Object.entries(releases);
const podsIn = (release: Release): readonly Pod[] => podsOf(rendered(release));
const containersOf = (pod: Pod): readonly Container[] => [...pod.spec.initContainers, ...pod.spec.containers];
const volumeTypes = new Set(['configMap', 'downwardAPI', 'emptyDir', 'persistentVolumeClaim', 'projected', 'secret']);

test.each(cases)('every pod is at Pod Security level restricted: %s', (name, release) => {
  const pods = podsIn(release);
  expect(pods.length).toBeGreaterThanOrEqual(3);
  for (const pod of pods) {
    expect(pod.spec).toMatchObject({ securityContext: { runAsNonRoot: true, runAsUser: expect.any(Number), seccompProfile: { type: 'RuntimeDefault' } } });
    expect((pod.spec.securityContext as { runAsUser: number }).runAsUser).toBeGreaterThan(0);
    for (const forbidden of ['hostNetwork', 'hostPID', 'hostIPC', 'hostUsers']) expect(pod.spec).not.toHaveProperty(forbidden);
    for (const volume of pod.spec.volumes) expect(Object.keys(volume).filter((key) => key !== 'name' && !volumeTypes.has(key))).toEqual([]);
    for (const container of containersOf(pod)) {
      expect(container.securityContext).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
      // The one thing that the level forbids and somebody can ask for.
      if (name !== 'ports of the nodes') expect(container.ports.filter(({ hostPort }) => hostPort !== undefined)).toEqual([]);
    }
  }
});

test.each(cases)('no pod has a token of the API server, nor variables of other Services, which would be taken for settings: %s', (_name, release) => {
  for (const pod of podsIn(release)) expect(pod.spec).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
});

test.each(cases)('every container says what it needs: %s', (_name, release) => {
  for (const pod of podsIn(release)) for (const { resources } of containersOf(pod)) expect(resources).toMatchObject({ requests: { cpu: expect.anything(), memory: expect.anything() }, limits: { memory: expect.anything() } });
});

test.each(cases)('secrets come by reference only: %s', (_name, release) => {
  for (const pod of podsIn(release)) {
    for (const { name, value } of containersOf(pod).flatMap(({ env }) => env)) {
      if (/PASSWORD|SECRET|TOKEN|_KEY$|JOIN|HEADERS|NATS_(PEER|SEARCH|INSTALL|REPUTATION|GATEWAY|CLUSTER)$/.test(name)) expect({ name, value }).toEqual({ name, value: undefined });
    }
    expect(JSON.stringify({ ...pod, annotations: {} })).not.toMatch(/operators-token|secret-of-this-site|password-of-|5{64}/);
  }
});

test.each(cases)('what runs for good is asked at three places whether it started, turns and works: %s', (_name, release) => {
  const asked = (probe: unknown): string => JSON.stringify(probe, (key, value: unknown) => (/Seconds|Threshold/.test(key) ? undefined : value));
  for (const pod of podsIn(release).filter(({ kind }) => kind !== 'Pod')) {
    for (const { startupProbe, livenessProbe, readinessProbe, ports } of pod.spec.containers) {
      const probes = [startupProbe, livenessProbe, readinessProbe];
      for (const probe of probes) expect(ports.map(({ name }) => name)).toContain((Object.values(probe as object) as { port?: string }[]).find((one) => one?.port)?.port);
      expect(new Set(probes.map(asked)).size).toBe(3);
    }
  }
});

test('pods have time to end: a gateway goes on answering first, then requests in work have their 10 s', () => {
  for (const pod of podsIn(releases.site).filter(({ kind }) => kind !== 'Pod')) expect(pod.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(20);
  const gateway = podsIn(releases.site).find(({ component }) => component === 'gateway');
  expect(gateway?.spec.containers[0]).toMatchObject({ lifecycle: { preStop: { sleep: { seconds: 5 } } } });
  expect(gateway?.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(5 + 10 + 5);
});

const kindNames = (manifests: readonly Manifest[], kind: string): string[] => manifests.filter((one) => one.kind === kind).map(({ metadata }) => metadata.name).toSorted();

test('everything that runs for good is spread, has a budget for evictions and a NetworkPolicy', () => {
  const manifests = rendered(releases.site);
  const running = podsOf(manifests).filter(({ kind }) => kind !== 'Pod');
  const components = running.map(({ component }) => `souk-${component}`).toSorted();
  expect(kindNames(manifests, 'PodDisruptionBudget')).toEqual(components);
  expect(kindNames(manifests, 'NetworkPolicy')).toEqual(components);
  for (const pod of running) expect(pod.spec.topologySpreadConstraints).toHaveLength(2);
});

test('an autoscaler alone says how many there are', () => {
  const manifests = rendered(releases.site);
  const scaled = new Set(kindNames(manifests, 'HorizontalPodAutoscaler'));
  expect(scaled).toEqual(new Set(['souk-gateway', 'souk-install', 'souk-search']));
  for (const one of manifests.filter(({ kind }) => kind === 'Deployment')) expect((one['spec'] as { replicas?: number }).replicas === undefined).toBe(scaled.has(one.metadata.name));
});

interface Rule {
  readonly from?: readonly { podSelector?: { matchLabels: Record<string, string> } }[];
  readonly ports: readonly { port: string | number }[];
}

test('NATS is for our pods only, blobs for the gateway and other peers, and the peers’ port for everybody', () => {
  const policies = rendered(releases.site).filter(({ kind }) => kind === 'NetworkPolicy');
  const rules = (component: string): string[] => {
    const spec = policies.find(({ metadata }) => metadata.name === `souk-${component}`)?.['spec'] as { ingress: Rule[] } | undefined;
    return (spec?.ingress ?? []).map(({ from, ports }) => `${ports.map(({ port }) => port).join()} from ${from?.map(({ podSelector }) => podSelector?.matchLabels['app.kubernetes.io/component'] ?? '?').join() ?? 'everybody'}`);
  };
  expect(rules('nats')).toEqual(['nats from peer,search,install,reputation,gateway', 'cluster from nats']);
  expect(rules('peer')).toEqual(['p2p from everybody', 'http from gateway,peer']);
  expect(rules('super-peer')).toEqual(['p2p from everybody', 'http from everybody']);
  expect(rules('gateway')).toEqual(['http from everybody']);
  for (const service of ['search', 'install', 'reputation']) expect(rules(service)).toEqual([]);
});

test('an image with a digest is that image, whatever its tag says', () => {
  const image = (component: string): string | undefined => podsIn(releases['everything on']).find((pod) => pod.component === component)?.spec.containers[0]?.image;
  expect(image('peer')).toBe(`registry.example.org:5000/souk-peer@sha256:${'a'.repeat(64)}`);
  expect(image('search')).toBe('registry.example.org:5000/souk-search:0.1.0');
  expect(image('nats')).toBe(`docker.io/library/nats@sha256:${'b'.repeat(64)}`);
});
