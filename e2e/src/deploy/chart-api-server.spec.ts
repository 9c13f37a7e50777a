import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { renderedText } from './chart/rendered.ts';
import { releases } from './chart/releases.ts';

const config = process.env['KUBECONFIG'];
const profiles = (['single', 'site', 'backbone'] as const).map((name) => [name] as const);

if (config === undefined) {
  test('no API server was asked, because KUBECONFIG names none', () => {
    console.warn('KUBECONFIG is not set: what the chart renders was compared with the schemas of Kubernetes, and not tried on an API server.');
    expect(process.env['KUBECONFIG']).toBeUndefined();
  });
} else {
  test.each(profiles)('the API server of KUBECONFIG would take the profile %s', (name) => {
    // Dry runs need a namespace that exists.
    const manifests = renderedText(releases[name]).replaceAll('namespace: team', 'namespace: default');
    const { status, stderr } = spawnSync('kubectl', ['apply', '--dry-run=server', '--namespace', 'default', '--filename', '-'], { input: manifests, encoding: 'utf8', timeout: 120_000 });
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringContaining('would violate PodSecurity') });
  });
}
