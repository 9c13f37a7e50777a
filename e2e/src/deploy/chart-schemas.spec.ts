import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { externalProgram } from '@souk/testing/external';
import { kubernetesSchemas } from './chart/kubernetes-schemas.ts';
import { kubernetes, renderedText, type Release } from './chart/rendered.ts';
import { releases } from './chart/releases.ts';

/** Kinds that are not Kubernetes' own: their schemas belong to the Prometheus operator and to the Gateway API. */
const foreign = ['ServiceMonitor', 'PrometheusRule', 'HTTPRoute'];

function conform(manifests: string): { readonly code: number | null; readonly said: string } {
  const location = `${kubernetesSchemas(kubernetes)}/{{.ResourceKind}}{{.KindSuffix}}.json`;
  const { status, stdout, stderr } = spawnSync(externalProgram('kubeconform'), ['-summary', '-skip', foreign.join(','), '-schema-location', location, '-'], { input: manifests, encoding: 'utf8', timeout: 120_000 });
  return { code: status, said: stdout + stderr };
}

const cases: readonly (readonly [string, Release])[] = Object.entries(releases);

test.each(cases)(`what is rendered is what the API of Kubernetes ${kubernetes} takes, to the last field: %s`, (_name, release) => {
  const { code, said } = conform(renderedText(release));
  expect({ code, said }).toEqual({ code: 0, said: expect.stringMatching(/Valid: [1-9]\d*, Invalid: 0, Errors: 0, Skipped: \d+\n$/) });
});

test('a field that there is not and a value of another type are noticed', () => {
  const text = renderedText(releases.single);
  expect(conform(text.replace('automountServiceAccountToken: false', 'automountServiceAccountTokens: false')).said).toContain('automountServiceAccountTokens');
  expect(conform(text.replace('replicas: 1', 'replicas: one')).code).toBe(1);
});
