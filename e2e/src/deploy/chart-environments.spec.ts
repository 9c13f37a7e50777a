import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { environmentOf, podsOf } from './chart/pods.ts';
import { rendered, type Release } from './chart/rendered.ts';
import { releases } from './chart/releases.ts';

interface ContainerEnvironment {
  readonly container: string;
  readonly env: Readonly<Record<string, string>>;
}

const checker = fileURLToPath(new URL('../../../tools/chart/check-environments.ts', import.meta.url));

/** What the services themselves, as they were built, say of environments. */
function problemsOf(containers: readonly ContainerEnvironment[]): string[][] {
  return JSON.parse(execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', checker], { input: JSON.stringify(containers), encoding: 'utf8' })) as string[][];
}

/** The environments that the containers of a release would have; what comes from the cluster's Secrets and files is put in. */
function environmentsIn(release: Release): ContainerEnvironment[] {
  const manifests = rendered(release);
  const given: Record<string, string> = { SOUK_NATS_PASSWORD: 'x', SOUK_TOKEN: 'x'.repeat(16), SOUK_SITE_SECRET: 'x'.repeat(16) };
  return podsOf(manifests)
    .filter(({ component }) => component !== 'nats' && component !== 'test')
    .map((pod) => {
      const env = environmentOf(manifests, pod);
      const { SOUK_CHARTER: _file, SOUK_JOIN: _invite, ...rest } = env;
      const filled = Object.entries(rest).map(([name, value]) => [name, value === '' ? (given[name] ?? '') : value]);
      return { container: pod.component, env: Object.fromEntries(filled) as Record<string, string> };
    });
}

const cases: readonly (readonly [string, Release])[] = Object.entries(releases);

test.each(cases)('each service would start with the environment that the chart gives it, and none is given what it does not read: %s', (_name, release) => {
  const containers = environmentsIn(release);
  expect(Object.fromEntries(problemsOf(containers).map((problems, at) => [containers[at]?.container, problems]))).toEqual(Object.fromEntries(containers.map(({ container }) => [container, []])));
});

test('a variable that nobody declared, one that is missing and one that is wrong are each noticed', () => {
  const peer = environmentsIn(releases.site).find(({ container }) => container === 'peer')?.env ?? {};
  const { SOUK_SITE_SECRET: _gone, ...rest } = peer;
  const wrong = [{ ...peer, SOUK_TOKEN: 'x'.repeat(16) }, rest, { ...peer, SOUK_ROLE: 'boss' }];
  expect(problemsOf(wrong.map((env) => ({ container: 'peer', env })))).toEqual([['peer has no setting SOUK_TOKEN'], [expect.stringContaining('SOUK_SITE_SECRET: it is not set')], [expect.stringContaining('SOUK_ROLE="boss"')]]);
});

test('the ordinal is that of the pod, and every service counts the same peers', () => {
  const containers = environmentsIn(releases.site);
  expect(containers.find(({ container }) => container === 'peer')?.env).toMatchObject({ SOUK_ORDINAL: 'souk-peer-0', SOUK_PEERS: '2', SOUK_POD: 'souk-peer-0' });
  expect(new Set(containers.filter(({ container }) => container !== 'super-peer').map(({ env }) => env['SOUK_PEERS']))).toEqual(new Set(['2']));
});

test('a charter and an invite come as a file and by a Secret', () => {
  const charter = rendered(releases['everything on']);
  expect(environmentOf(charter, podsOf(charter).find(({ component }) => component === 'peer') as never)).toMatchObject({ SOUK_CHARTER: '/etc/souk/charter' });
  expect(JSON.stringify(rendered(releases['secrets of one’s own']))).toContain('"name":"SOUK_JOIN","valueFrom":{"secretKeyRef":{"name":"own-network","key":"join"}}');
});
