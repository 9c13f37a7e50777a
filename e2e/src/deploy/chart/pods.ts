import { z } from 'zod';
import type { Manifest } from './rendered.ts';

const Source = z.looseObject({
  value: z.string().optional(),
  valueFrom: z.looseObject({ secretKeyRef: z.object({ name: z.string(), key: z.string() }).optional(), fieldRef: z.object({ fieldPath: z.string() }).optional() }).optional(),
});

/** A container, as far as is looked at. */
export const Container = z.looseObject({
  name: z.string(),
  image: z.string(),
  env: z.array(Source.extend({ name: z.string() })).default([]),
  ports: z.array(z.looseObject({ name: z.string(), containerPort: z.number(), hostPort: z.number().optional() })).default([]),
  resources: z.looseObject({ requests: z.record(z.string(), z.unknown()), limits: z.record(z.string(), z.unknown()) }),
  securityContext: z.unknown(),
  startupProbe: z.unknown().optional(),
  livenessProbe: z.unknown().optional(),
  readinessProbe: z.unknown().optional(),
});
export type Container = z.infer<typeof Container>;

/** What runs as a pod. */
export const PodSpec = z.looseObject({
  containers: z.array(Container),
  initContainers: z.array(Container).default([]),
  volumes: z.array(z.record(z.string(), z.unknown())).default([]),
  securityContext: z.unknown(),
  automountServiceAccountToken: z.unknown(),
  enableServiceLinks: z.unknown(),
  terminationGracePeriodSeconds: z.number().optional(),
  topologySpreadConstraints: z.array(z.unknown()).default([]),
});
export type PodSpec = z.infer<typeof PodSpec>;

/** A pod of a release, by the component that it belongs to. */
export interface Pod {
  readonly component: string;
  readonly kind: string;
  readonly name: string;
  readonly spec: PodSpec;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

const Template = z.looseObject({ metadata: z.looseObject({ labels: z.record(z.string(), z.string()), annotations: z.record(z.string(), z.string()).default({}) }), spec: PodSpec });

/** Every pod that a release would run, those of its tests too. */
export function podsOf(manifests: readonly Manifest[]): readonly Pod[] {
  return manifests.flatMap((manifest) => {
    if (manifest.kind !== 'Pod' && !(manifest['spec'] as { template?: unknown } | undefined)?.template) return [];
    const template = Template.parse(manifest.kind === 'Pod' ? manifest : (manifest['spec'] as { template: unknown }).template);
    const { labels, annotations } = template.metadata;
    return [{ component: labels['app.kubernetes.io/component'] ?? 'none', kind: manifest.kind, name: manifest.metadata.name, spec: template.spec, annotations, labels }];
  });
}

/** The environment that the first pod of a set would have, with a stand-in for what comes from Secrets that are not of the release. */
export function environmentOf(manifests: readonly Manifest[], pod: Pod): Record<string, string> {
  const fields: Readonly<Record<string, string>> = { 'metadata.name': `${pod.name}-0`, 'status.podIP': '10.244.0.7', 'status.hostIP': '192.0.2.10' };
  const env: Record<string, string> = {};
  for (const { name, value, valueFrom } of pod.spec.containers[0]?.env ?? []) {
    const raw = value ?? (valueFrom?.secretKeyRef ? secretOf(manifests, valueFrom.secretKeyRef) : fields[valueFrom?.fieldRef?.fieldPath ?? '']);
    if (raw === undefined) throw new Error(`${pod.name}: ${name} has no value`);
    env[name] = raw.replaceAll(/\$\((\w+)\)/g, (whole, other: string) => env[other] ?? whole);
  }
  return env;
}

function secretOf(manifests: readonly Manifest[], { name, key }: { name: string; key: string }): string {
  const secret = manifests.find((one) => one.kind === 'Secret' && one.metadata.name === name);
  if (!secret) return '';
  const value = (secret['stringData'] as Record<string, string> | undefined)?.[key];
  if (value === undefined) throw new Error(`the Secret ${name} has no ${key}`);
  return value;
}
