import { isSoukError, SoukError } from '@souk/domain';

/** The code of a system error, such as ENOENT; undefined for anything else. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || isSoukError(error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** What a failed file operation means to the caller; anything that is no system error is answered as it is. */
export function storageError(error: unknown, what: string): unknown {
  const cause = { cause: error };
  switch (systemCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new SoukError('STORAGE_FULL', `${what} failed: the disk is full.`, { hint: 'Free some space and try again.', ...cause });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new SoukError('STORAGE_DENIED', `${what} failed: permission denied.`, { hint: 'Check who owns the folder and may write to it.', ...cause });
    case 'ENAMETOOLONG':
      return new SoukError('STORAGE_DENIED', `${what} failed: a name is too long for this file system.`, { hint: 'Use a folder with a shorter path.', ...cause });
    case 'ENOENT':
    case 'ENOTDIR':
      return new SoukError('NOT_FOUND', `${what} failed: there is no such folder.`, { hint: 'Check the path.', ...cause });
    default:
      return error;
  }
}
