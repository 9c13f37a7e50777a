import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { SoukError } from '@souk/domain';
import { ifPresent } from '../home/on-disk.ts';

/** Where a project's parts lie. */
export interface ProjectPlaces {
  readonly folder: string;
  /** Installed packages: `souk_modules`. */
  readonly modules: string;
  /** What is being installed, beside `souk_modules`; gone when nothing is. */
  readonly staging: string;
}

/** The places in a project folder. */
export function placesOf(folder: string): ProjectPlaces {
  return { folder, modules: join(folder, 'souk_modules'), staging: join(folder, '.souk-install') };
}

/** Refuses a folder that is a link: what is written into it would land elsewhere. Nothing there is fine. Throws STORAGE_DENIED. */
export async function refuseLink(path: string): Promise<void> {
  const found = await ifPresent(() => lstat(path));
  if (found === undefined || found.isDirectory()) return;
  throw new SoukError('STORAGE_DENIED', `${path} is ${found.isSymbolicLink() ? 'a link' : 'no folder'}; packages are only installed into real folders.`, { hint: 'Remove it, then try again.', details: { path } });
}
