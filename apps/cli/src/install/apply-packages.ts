import { throwIfAborted } from '@souk/domain';
import type { Context } from '../context.ts';
import type { ContentStore } from '../home/content-store.ts';
import { installedState } from '../project/installed-tree.ts';
import { lockfileText, type LockedPackage } from '../project/lockfile.ts';
import type { Project } from '../project/project.ts';
import { soukJsonText } from '../project/souk-json.ts';
import { swap, type Change } from '../project/swap.ts';
import { join } from 'node:path';
import { fetchPackages, type Fetched } from './fetch-packages.ts';
import type { ProvenPackage } from './prove-packages.ts';
import { stagePackages } from './stage-packages.ts';

/** What happened to one package. */
export interface Applied {
  readonly name: string;
  readonly version: string;
  readonly cid: string;
  readonly publisher: string;
  readonly change: 'added' | 'updated' | 'repaired' | 'unchanged';
}

/** What an installation did. */
export interface Outcome {
  readonly packages: readonly Applied[];
  /** Names of packages that are no longer needed and were removed. */
  readonly removed: readonly string[];
  readonly downloaded: Fetched;
}

/**
 * Brings a project from what its lockfile pins to the given packages: downloads what is missing, unpacks and checks everything beside
 * `souk_modules`, then swaps it in with souk.json and souk-lock.json. Until that swap nothing of the project changes.
 */
export async function applyPackages(context: Context, project: Project, content: ContentStore, packages: readonly ProvenPackage[], dependencies: Readonly<Record<string, string>>): Promise<Outcome> {
  const applied: Applied[] = [];
  for (const one of packages) applied.push({ name: one.name, version: one.version, cid: one.cid, publisher: one.publisher, change: await changeOf(project, one) });
  const renewed = packages.filter((_, at) => applied[at]?.change !== 'unchanged');
  const missing: ProvenPackage[] = [];
  for (const one of renewed) if (!(await content.has(one.cid, one.size))) missing.push(one);
  const downloaded = await fetchPackages(context, content, missing, packages);
  await stagePackages(project, content, renewed, context.host.signal);
  const kept = new Set<string>(packages.map((one) => one.name));
  const removed = Object.keys(project.lock ?? {}).filter((name) => !kept.has(name));
  const changes: Change[] = [...renewed.map((one, slot) => ({ name: one.name, slot, remove: false })), ...removed.map((name, at) => ({ name: name as Change['name'], slot: renewed.length + at, remove: true }))];
  const lockfile = lockfileText(Object.fromEntries(packages.map((one) => [one.name, lockedOf(one)])));
  throwIfAborted(context.host.signal, 'The installation');
  await swap(project, { changes, soukJson: soukJsonText(project.soukJson, dependencies), lockfile });
  return { packages: applied, removed, downloaded };
}

async function changeOf(project: Project, one: ProvenPackage): Promise<Applied['change']> {
  const locked = project.lock?.[one.name];
  const state = await installedState(join(project.modules, one.name), one.tree);
  if (state === 'ok') return 'unchanged';
  if (locked === undefined || state === 'missing') return 'added';
  return locked.version === one.version ? 'repaired' : 'updated';
}

function lockedOf({ version, cid, integrity, publisher, tree, requires }: ProvenPackage): LockedPackage {
  return { version, cid, integrity, publisher, tree, requires };
}
