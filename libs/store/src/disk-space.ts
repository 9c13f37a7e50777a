import { statfs } from 'node:fs/promises';
import { storing } from './storage-error.ts';

/** The room on a disk in bytes: what this user may still write, and all of it. */
export interface DiskSpace {
  readonly free: number;
  readonly total: number;
}

/** The room on the disk of a folder. Throws STORAGE_DENIED, STORAGE_CORRUPT. */
export async function diskSpace(folder: string): Promise<DiskSpace> {
  const { bavail, blocks, bsize } = await storing(`Looking at the disk of ${folder}`, () => statfs(folder));
  return { free: bavail * bsize, total: blocks * bsize };
}
