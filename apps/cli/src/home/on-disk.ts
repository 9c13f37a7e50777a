import { isSoukError, SoukError } from '@souk/domain';
import { storageError } from '@souk/store';

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

export { ifPresent } from '@souk/store';
