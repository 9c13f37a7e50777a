import type { ExternalTool } from './external-tool.ts';

const github = (path: string): string => `https://github.com/${path}`;
const installed = (...packages: string[]): ExternalTool['ways'] => [{ by: 'Debian', packages }];

const prometheus = (program: 'prometheus' | 'promtool'): ExternalTool => ({
  program,
  pinned: 'v3.16.0',
  good: { 2: 42, 3: 0 },
  asks: ['--version'],
  says: /version (\d\S*)/,
  // Its sources are by far the longest to build, so they are not.
  ways: [
    { by: 'Debian', packages: ['prometheus'], file: `usr/bin/${program}` },
    {
      by: 'release',
      archive: (machine) => github(`prometheus/prometheus/releases/download/v3.16.0/prometheus-3.16.0.linux-${machine}.tar.gz`),
      sums: () => github('prometheus/prometheus/releases/download/v3.16.0/sha256sums.txt'),
      file: (machine) => `prometheus-3.16.0.linux-${machine}/${program}`,
    },
  ],
});

/** Every program that tests need and npm does not have, by its name. */
export const externalTools = {
  'nats-server': {
    program: 'nats-server',
    pinned: 'v2.15.2',
    // Headers, "no responders" and queue permissions as Souk uses them.
    good: { 2: 9 },
    asks: ['--version'],
    says: /^nats-server: (v?\d\S*)/,
    ways: [
      { by: 'go install', module: 'github.com/nats-io/nats-server/v2' },
      { by: 'Debian', packages: ['nats-server'], file: 'usr/sbin/nats-server' },
      {
        by: 'release',
        archive: (machine) => github(`nats-io/nats-server/releases/download/v2.15.2/nats-server-v2.15.2-linux-${machine}.tar.gz`),
        sums: () => github('nats-io/nats-server/releases/download/v2.15.2/SHA256SUMS'),
        file: (machine) => `nats-server-v2.15.2-linux-${machine}/nats-server`,
      },
    ],
  },
  helm: {
    program: 'helm',
    pinned: 'v4.3.1',
    good: { 3: 14, 4: 0 },
    asks: ['version', '--template', '{{.Version}}'],
    says: /^(v\d\S*)/,
    ways: [
      { by: 'go install', module: 'helm.sh/helm/v4', package: 'cmd/helm', variables: { 'helm.sh/helm/v4/internal/version.version': 'v4.3.1' } },
      {
        by: 'release',
        archive: (machine) => `https://get.helm.sh/helm-v4.3.1-linux-${machine}.tar.gz`,
        sums: (machine) => `https://get.helm.sh/helm-v4.3.1-linux-${machine}.tar.gz.sha256sum`,
        file: (machine) => `linux-${machine}/helm`,
      },
    ],
  },
  kubeconform: {
    program: 'kubeconform',
    pinned: 'v0.8.0',
    good: { 0: 6 },
    asks: ['-v'],
    says: /^(v\d\S*)/,
    ways: [
      { by: 'go install', module: 'github.com/yannh/kubeconform', package: 'cmd/kubeconform', variables: { 'main.version': 'v0.8.0' } },
      {
        by: 'release',
        archive: (machine) => github(`yannh/kubeconform/releases/download/v0.8.0/kubeconform-linux-${machine}.tar.gz`),
        sums: () => github('yannh/kubeconform/releases/download/v0.8.0/CHECKSUMS'),
        file: () => 'kubeconform',
      },
    ],
  },
  k6: {
    program: 'k6',
    pinned: 'v1.8.1',
    good: { 1: 0 },
    asks: ['version'],
    says: /^k6(?:\.exe)? (v\d\S*)/,
    ways: [
      { by: 'go install', module: 'go.k6.io/k6' },
      {
        by: 'release',
        archive: (machine) => github(`grafana/k6/releases/download/v1.8.1/k6-v1.8.1-linux-${machine}.tar.gz`),
        sums: () => github('grafana/k6/releases/download/v1.8.1/k6-v1.8.1-checksums.txt'),
        file: (machine) => `k6-v1.8.1-linux-${machine}/k6`,
      },
    ],
  },
  jaeger: {
    program: 'jaeger-all-in-one',
    pinned: 'v1.76.0',
    good: { 1: 60 },
    asks: ['version'],
    says: /"gitVersion":"(v\d[^"]*)"/,
    ways: [
      { by: 'go install', module: 'github.com/jaegertracing/jaeger', package: 'cmd/all-in-one', variables: { 'github.com/jaegertracing/jaeger/internal/version.latestVersion': 'v1.76.0' }, hasReplacements: true },
      {
        by: 'release',
        archive: (machine) => github(`jaegertracing/jaeger/releases/download/v1.76.0/jaeger-1.76.0-linux-${machine}.tar.gz`),
        sums: (machine) => github(`jaegertracing/jaeger/releases/download/v1.76.0/jaeger-1.76.0-linux-${machine}.sha256sum.txt`),
        file: (machine) => `jaeger-1.76.0-linux-${machine}/jaeger-all-in-one`,
      },
    ],
  },
  'compose-spec': {
    program: 'compose-spec-2.16.2',
    pinned: 'v2.16.2',
    good: { 2: 0 },
    asks: ['-help'],
    ways: [{ by: 'go install', module: 'github.com/compose-spec/compose-go/v2', package: 'cmd' }],
  },
  prometheus: prometheus('prometheus'),
  promtool: prometheus('promtool'),
  buildah: { program: 'buildah', pinned: 'v1.28.2', good: { 1: 28 }, asks: ['--version'], says: /version (\d\S*)/, ways: installed('buildah', 'runc') },
  podman: { program: 'podman', pinned: 'v4.3.1', good: { 4: 3, 5: 0, 6: 0 }, asks: ['--version'], says: /version (\d\S*)/, ways: installed('podman', 'runc', 'netavark') },
  runc: { program: 'runc', pinned: 'v1.1.5', good: { 1: 1 }, asks: ['--version'], says: /version (\d\S*)/, ways: installed('runc') },
  debootstrap: { program: 'debootstrap', pinned: 'v1.0.128', good: { 1: 0 }, asks: ['--version'], says: /debootstrap (\d\S*)/, ways: installed('debootstrap') },
} as const satisfies Readonly<Record<string, ExternalTool>>;

/** The name of such a program in the table. */
export type ExternalToolName = keyof typeof externalTools;
