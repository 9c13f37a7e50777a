import { copyFile, lstat, mkdir, open, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { PackageName, SoukError } from '@souk/domain';
import { syncFolder } from '@souk/store';
import { ifPresent, onDisk } from '../home/on-disk.ts';
import { lockfileName } from './lockfile.ts';
import { refuseLink, type ProjectPlaces } from './places.ts';
import { soukJsonFile } from './souk-json.ts';

/** One package of a swap: its new files lie in `.souk-install/new/<slot>`, or it goes away. */
const Change = z.object({ name: PackageName, slot: z.int().min(0), remove: z.boolean() });
/** One package of a swap. */
export type Change = z.infer<typeof Change>;

/** What is to happen, on disk before anything happens. Names and numbers only: a journal from a stranger's archive can't point elsewhere. */
const Journal = z.object({ journalVersion: z.literal(1), changes: z.array(Change), had: z.array(z.enum([soukJsonFile, lockfileName])) });
type Journal = z.infer<typeof Journal>;

/** The next state of a project. */
export interface Swap {
  readonly changes: readonly Change[];
  readonly soukJson: string;
  readonly lockfile: string;
}

/** Told before each step that changes something on disk; what it throws counts as a failure of that step. For tests that interrupt. */
export type OnStep = (step: string) => void;

const files = [soukJsonFile, lockfileName] as const;
const fresh = (places: ProjectPlaces, what?: string | number): string => join(places.staging, 'new', ...(what === undefined ? [] : [String(what)]));
const former = (places: ProjectPlaces, what?: string | number): string => join(places.staging, 'old', ...(what === undefined ? [] : [String(what)]));
const journalPath = (places: ProjectPlaces): string => join(places.staging, 'journal.json');
/** The journal's name once a failed swap is being undone. */
const undoPath = (places: ProjectPlaces): string => join(places.staging, 'undo.json');
const exists = async (path: string): Promise<boolean> => (await ifPresent(() => lstat(path))) !== undefined;

/** The folder in which a package is to be unpacked before a swap; its parent exists. */
export async function slotFolder(places: ProjectPlaces, slot: number): Promise<string> {
  await onDisk('Preparing the installation', () => mkdir(fresh(places), { recursive: true }));
  return fresh(places, slot);
}

/**
 * Brings a project into its next state, all or nothing: what is to be done is written down durably (from there on a crash is rolled forward by
 * the next command), then every package and both files are moved into place by renames. A step that fails is rolled back with those before it.
 */
export async function swap(places: ProjectPlaces, next: Swap, onStep: OnStep = () => {}): Promise<void> {
  await onDisk('Installing', async () => {
    const journal = await prepare(places, next, onStep);
    try {
      await forward(places, journal, onStep);
    } catch (error) {
      await rename(journalPath(places), undoPath(places));
      await backward(places, journal, onStep);
      throw error;
    }
    await finish(places, journal, onStep);
  });
}

/** What became of an interrupted swap. */
export type Recovery = 'finished' | 'undone';

/**
 * Finishes a swap that was interrupted after its journal was written, goes on undoing one that had failed, and throws away one that was
 * interrupted before. Undefined when nothing had begun.
 */
export async function recover(places: ProjectPlaces): Promise<Recovery | undefined> {
  return onDisk('Finishing an interrupted installation', async () => {
    const undo = await readJournal(undoPath(places), places);
    const redo = undo ?? (await readJournal(journalPath(places), places));
    if (redo === undefined) {
      await discardStaging(places);
      return undefined;
    }
    if (undo) await backward(places, undo, () => {});
    else {
      await forward(places, redo, () => {});
      await finish(places, redo, () => {});
    }
    return undo ? 'undone' : 'finished';
  });
}

/** Removes everything that was staged but the lock; does nothing while there is a journal. */
export async function discardStaging(places: ProjectPlaces): Promise<void> {
  if ((await exists(journalPath(places))) || (await exists(undoPath(places)))) return;
  for (const name of (await ifPresent(() => readdir(places.staging))) ?? []) if (!/^lock(\.|$)/.test(name)) await rm(join(places.staging, name), { recursive: true, force: true });
}

async function readJournal(path: string, places: ProjectPlaces): Promise<Journal | undefined> {
  const text = await ifPresent(() => readFile(path, 'utf8'));
  if (text === undefined) return undefined;
  try {
    return Journal.parse(JSON.parse(text));
  } catch (cause) {
    throw new SoukError('STORAGE_CORRUPT', `The journal of an interrupted installation in ${places.staging} is damaged.`, { hint: 'Remove that folder and souk_modules, then run souk install.', cause });
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const handle = await open(path, 'w');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function prepare(places: ProjectPlaces, next: Swap, onStep: OnStep): Promise<Journal> {
  onStep('stage');
  await mkdir(fresh(places), { recursive: true });
  await mkdir(former(places), { recursive: true });
  await writeSynced(fresh(places, soukJsonFile), next.soukJson);
  await writeSynced(fresh(places, lockfileName), next.lockfile);
  const had: (typeof files)[number][] = [];
  for (const file of files) {
    if (!(await exists(join(places.folder, file)))) continue;
    await copyFile(join(places.folder, file), former(places, file));
    had.push(file);
  }
  await syncFolder(fresh(places));
  await syncFolder(former(places));
  const journal: Journal = { journalVersion: 1, changes: [...next.changes], had };
  onStep('journal');
  const draft = `${journalPath(places)}.tmp`;
  await writeSynced(draft, JSON.stringify(journal));
  await rename(draft, journalPath(places));
  await syncFolder(places.staging);
  return journal;
}

/** Refuses links in the place of what we made ourselves: a journal that came with a stranger's project must not move or overwrite what lies elsewhere. */
async function refuseLinks(places: ProjectPlaces): Promise<void> {
  for (const folder of [places.modules, places.staging, fresh(places), former(places)]) await refuseLink(folder);
  for (const file of files.flatMap((name) => [fresh(places, name), former(places, name)])) {
    const found = await ifPresent(() => lstat(file));
    if (found && !found.isFile()) throw new SoukError('STORAGE_DENIED', `${file} is no file.`, { hint: 'Remove the folder .souk-install, then run souk install.' });
  }
}

/** Moves everything into place; does nothing twice, so that it can be called again after any interruption. */
async function forward(places: ProjectPlaces, journal: Journal, onStep: OnStep): Promise<void> {
  await refuseLinks(places);
  await mkdir(former(places), { recursive: true });
  for (const change of journal.changes) {
    const target = join(places.modules, change.name);
    if (dirname(target) !== places.modules) await refuseLink(dirname(target));
    if (!change.remove && !(await exists(fresh(places, change.slot)))) continue;
    onStep(`away ${change.name}`);
    if (await exists(target)) {
      await rm(former(places, change.slot), { recursive: true, force: true });
      await rename(target, former(places, change.slot));
    }
    if (change.remove) continue;
    onStep(`place ${change.name}`);
    await mkdir(dirname(target), { recursive: true });
    await rename(fresh(places, change.slot), target);
  }
  for (const file of files) {
    onStep(`write ${file}`);
    if (await exists(fresh(places, file))) await rename(fresh(places, file), join(places.folder, file));
  }
}

/** Undoes `forward`, from wherever it failed; does nothing twice either. */
async function backward(places: ProjectPlaces, journal: Journal, onStep: OnStep): Promise<void> {
  await refuseLinks(places);
  for (const file of files) {
    onStep(`undo ${file}`);
    if (journal.had.includes(file)) await copyFile(former(places, file), join(places.folder, file));
    else await rm(join(places.folder, file), { force: true });
  }
  for (const change of [...journal.changes].reverse()) {
    onStep(`undo ${change.name}`);
    const target = join(places.modules, change.name);
    const isPlaced = !change.remove && !(await exists(fresh(places, change.slot)));
    if (isPlaced) await rename(target, fresh(places, change.slot));
    if (await exists(former(places, change.slot))) await rename(former(places, change.slot), target);
  }
  onStep('undo done');
  await rm(undoPath(places), { force: true });
  await removeEmptied(places, journal);
}

async function finish(places: ProjectPlaces, journal: Journal, onStep: OnStep): Promise<void> {
  onStep('sync');
  const parents = new Set([places.folder, places.modules, ...journal.changes.map((one) => dirname(join(places.modules, one.name)))]);
  for (const parent of parents) if (await exists(parent)) await syncFolder(parent);
  onStep('done');
  await rm(journalPath(places), { force: true });
  onStep('clean');
  await discardStaging(places);
  await removeEmptied(places, journal);
}

/** Removes the folders of scopes, and `souk_modules`, that have become empty. */
async function removeEmptied(places: ProjectPlaces, journal: Journal): Promise<void> {
  const parents = new Set(journal.changes.map((one) => dirname(join(places.modules, one.name))));
  parents.delete(places.modules);
  for (const folder of [...parents, places.modules]) await rmdir(folder).catch(() => undefined);
}
