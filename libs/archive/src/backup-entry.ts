import { SoukError } from '@souk/domain';

/** A file in a backup: its path is one of `isBackupPath`, its mode 0600 or less. */
export interface BackupEntry {
  readonly path: string;
  /** Bytes; fewer than 8 GiB. */
  readonly size: number;
  readonly bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** Names of the first and the last entry. */
export const backupNames = { head: 'backup.json', end: 'end.json' } as const;

const paths = /^(?:backup\.json|end\.json|network\.json|(?:site-log|logs)\.db\.\d{3}|blobs\/[a-z2-7]{2}\/bafkrei[a-z2-7]{52}|keys\/[A-Za-z0-9][A-Za-z0-9._-]{0,90})$/;

/** Whether an entry of a backup may have this path. */
export function isBackupPath(path: string): boolean {
  return paths.test(path);
}

/** STORAGE_CORRUPT: the bytes are no whole, unchanged backup. */
export function badBackup(why: string, cause?: unknown): SoukError {
  return new SoukError('STORAGE_CORRUPT', `The backup can't be used: ${why}.`, { hint: 'Use another backup, or make a new one.', cause });
}
