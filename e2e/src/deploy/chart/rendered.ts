import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { externalProgram } from '@souk/testing/external';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

/** Folder of the chart. */
export const chart = fileURLToPath(new URL('../../../../helm/souk', import.meta.url));
/** The Kubernetes that is rendered for. */
export const kubernetes = '1.33.2';

/** A manifest, as far as every one is alike. */
export const Manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), labels: z.record(z.string(), z.string()).optional(), annotations: z.record(z.string(), z.string()).optional() }),
});
export type Manifest = z.infer<typeof Manifest>;

/** What a release is rendered with: a profile, and values by their paths as `--set-json` takes them, after the secrets that every release needs. */
export interface Release {
  readonly profile?: 'single' | 'site' | 'backbone';
  readonly values?: Readonly<Record<string, unknown>>;
  /** Without the secrets that are needed. */
  readonly bare?: boolean;
  readonly name?: string;
}

/** Passwords and keys that nobody uses. */
export const secrets: Readonly<Record<string, unknown>> = {
  'gateway.token': 'operators-token-of-a-test',
  'site.secret': 'secret-of-this-site',
  'network.key': '5'.repeat(64),
  'nats.auth.passwords': Object.fromEntries(['peer', 'search', 'install', 'reputation', 'gateway', 'cluster'].map((user) => [user, `password-of-${user}-x`])),
};

/** Runs helm. */
export function helm(...words: readonly string[]): { readonly code: number | null; readonly stdout: string; readonly stderr: string } {
  const { status, stdout, stderr, error } = spawnSync(externalProgram('helm'), words, { encoding: 'utf8', timeout: 240_000, maxBuffer: 64 * 1024 * 1024 });
  if (error) throw error;
  return { code: status, stdout, stderr };
}

/** The arguments of helm that say what a release is rendered with. */
export function valueArguments({ profile, values = {}, bare = false }: Release): string[] {
  const files = profile === undefined ? [] : ['--values', `${chart}/values-${profile}.yaml`];
  const sets = Object.entries({ ...(bare ? {} : secrets), ...values }).flatMap(([path, value]) => ['--set-json', `${path}=${JSON.stringify(value)}`]);
  return [...files, ...sets];
}

function template(release: Release, ...more: readonly string[]): ReturnType<typeof helm> {
  return helm('template', release.name ?? 'souk', chart, '--namespace', 'team', '--kube-version', kubernetes, ...valueArguments(release), ...more);
}

/** The manifests of a release as text. Throws what helm said when it refuses. */
export function renderedText(release: Release): string {
  const { code, stdout, stderr } = template(release);
  if (code !== 0) throw new Error(`helm template: ${stderr}`);
  return stdout;
}

/** The manifests of a release. */
export function rendered(release: Release): readonly Manifest[] {
  return parseAllDocuments(renderedText(release)).flatMap((document) => {
    if (document.errors.length > 0) throw new Error(String(document.errors[0]));
    const value: unknown = document.toJS();
    return value === null ? [] : [Manifest.parse(value)];
  });
}

/** What helm says when it refuses to render. Throws when it renders. */
export function refusal(release: Release): string {
  const { code, stderr } = template(release);
  if (code === 0) throw new Error('it was rendered');
  return stderr;
}
