import { z } from 'zod';

/** The version of backups that this code writes and understands. */
export const backupVersion = 1;

/** What the first entry of a backup says of it. */
export const BackupHead = z.object({
  format: z.literal('souk-backup'),
  version: z.literal(backupVersion),
  /** Milliseconds since 1970. */
  createdAt: z.int().min(0),
  /** Version of the data folder's layout. */
  dataFolder: z.int().min(1),
  /** The network that the records belong to: `open`, or what names it without telling its key. */
  network: z.string().regex(/^(open|[0-9a-f]{16})$/),
  /** Whether blobs are in it that can be fetched again. */
  cached: z.boolean(),
  /** Whether the site's secret keys are in it. */
  keys: z.boolean(),
});
export type BackupHead = z.infer<typeof BackupHead>;

/** What the last entry says: how many files and bytes come before it, and a SHA-256 over a line for each (`sha256 size path`). */
export const BackupEnd = z.object({ files: z.int().min(0), bytes: z.int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) });
export type BackupEnd = z.infer<typeof BackupEnd>;
