import { mkdir, rmdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { storageCode } from '@souk/store';
import type { Context } from '../context.ts';
import { onDisk } from '../home/on-disk.ts';
import { lockProcess, type ProcessLock } from '../home/process-lock.ts';
import { readLockfile, type LockedPackages } from './lockfile.ts';
import { placesOf, refuseLink, type ProjectPlaces } from './places.ts';
import { readSoukJson, type SoukJson } from './souk-json.ts';
import { discardStaging, recover } from './swap.ts';

/** A project folder that this process alone may change. */
export interface Project extends ProjectPlaces {
  readonly soukJson: SoukJson | undefined;
  readonly lock: LockedPackages | undefined;
  /** Gives it free and removes what was staged. */
  close(): Promise<void>;
}

const lockWaitMs = 10_000;

/**
 * Opens a project folder, made when missing: locks it, finishes an installation that a crash interrupted, reads its files.
 * Throws STORAGE_LOCKED, STORAGE_DENIED, BAD_JSON.
 */
export async function openProject(context: Context, dir: string): Promise<Project> {
  const places = placesOf(resolve(context.host.cwd, dir));
  await onDisk(`Opening ${places.folder}`, async () => {
    await mkdir(places.folder, { recursive: true });
    await refuseLink(places.modules);
    await refuseLink(places.staging);
  });
  const lock = await lockStaging(context, places);
  const close = async (): Promise<void> => {
    await discardStaging(places);
    await lock.release();
    // Another process may be waiting with its own files in there.
    await rmdir(places.staging).catch(() => undefined);
  };
  try {
    const recovery = await recover(places);
    if (recovery) context.out.note(`An installation that was interrupted has been ${recovery}.`);
    return { ...places, soukJson: await readSoukJson(places.folder), lock: await readLockfile(places.folder), close };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function lockStaging(context: Context, places: ProjectPlaces): Promise<ProcessLock> {
  for (;;) {
    await onDisk(`Opening ${places.folder}`, () => mkdir(places.staging, { recursive: true }));
    try {
      return await lockProcess(join(places.staging, 'lock'), { signal: context.host.signal, waitMs: lockWaitMs, what: `the packages in ${places.folder}` });
    } catch (error) {
      // Whoever held the lock before removed the folder between our two steps.
      if (storageCode(error) !== 'ENOENT') throw error;
    }
  }
}
