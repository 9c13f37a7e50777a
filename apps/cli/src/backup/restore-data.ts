import { restoreFolder, type Restored } from '@souk/store';
import type { Context } from '../context.ts';
import { onFile } from './write-backup-file.ts';

/** Restores a backup file into a folder; everything is checked before it can be used. Throws what reading and `restoreFolder` throw. */
export async function restoreData({ host }: Context, file: string, folder: string): Promise<Restored> {
  return restoreFolder(folder, onFile(file, host.signal));
}
