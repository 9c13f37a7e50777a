import { isSoukError, SoukError } from '@souk/domain';
import { storageCode, storageError } from '@souk/store';

const hint = 'Check who owns the folder and how much space is left; nothing was lost.';

/** Runs work on files of the user and turns errors of the system into SoukErrors (STORAGE_FULL, STORAGE_DENIED, ...) with a hint that fits them. */
export async function onDisk<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isSoukError(error)) throw error;
    const meant = storageError(error, doing);
    throw isSoukError(meant) ? new SoukError(meant.code, meant.message, { hint, cause: error }) : meant;
  }
}

/** What a read gives, or undefined when there is no such file. */
export async function ifPresent<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (storageCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
