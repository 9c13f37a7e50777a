import { globSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { runToEnd } from '../scenario/child.ts';
import { repository } from '../scenario/repository.ts';

/** chalk and everything it requires. */
export const chalkClosure = ['chalk@4', 'ansi-styles@4', 'color-convert@2', 'color-name@1.1', 'supports-color@7', 'has-flag@4'] as const;

const others = ['cra-template', 'cra-template-typescript', 'create-vite', 'degit', 'mitt', 'ms', 'debug@4'] as const;

const cache = join(repository, 'node_modules', '.cache', 'souk', 'packages');
const npmDeadlineMs = 60_000;

/** The .tgz of every package of the journey, by its name; undefined when no registry can be reached. */
export async function realPackages(): Promise<ReadonlyMap<string, string> | undefined> {
  const wanted = [...chalkClosure, ...others];
  if (!(await isCached(wanted))) await fetchAll(wanted);
  if (!(await isCached(wanted))) return undefined;
  return new Map(wanted.map((spec) => [spec.replace(/@[^@]*$/, ''), join(cache, `${spec}.tgz`)]));
}

async function isCached(wanted: readonly string[]): Promise<boolean> {
  const names = new Set(await readdir(cache).catch(() => []));
  return wanted.every((spec) => names.has(`${spec}.tgz`));
}

/** Fetches with npm, as its user would; files appear under their names only when they are whole. */
async function fetchAll(wanted: readonly string[]): Promise<void> {
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(join(cache, 'draft-'));
  try {
    for (const spec of wanted) {
      const environment = Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));
      const { code } = await runToEnd('npm', ['pack', spec, '--ignore-scripts', '--silent', '--fetch-retries=1'], { cwd: draft, env: environment }, npmDeadlineMs);
      const [file] = globSync('*.tgz', { cwd: draft });
      if (code !== 0 || file === undefined) return;
      await rename(join(draft, basename(file)), join(cache, `${spec}.tgz`));
    }
  } catch {
    // Without a registry the journey takes the examples; why it is missing does not matter here.
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
