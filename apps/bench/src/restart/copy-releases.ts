import { existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';

/** What of a data folder is copied: nothing that says to whom it belonged. */
const copied = ['format.json', 'logs.db', 'logs.db-wal', 'blobs', 'blobs.db', 'blobs.db-wal', 'batches'];

/** Copies the releases of a data folder, and their blobs, into that of somebody new. */
export async function copyReleases(from: string, to: string): Promise<void> {
  for (const name of copied.filter((one) => existsSync(join(from, one)))) await cp(join(from, name), join(to, name), { recursive: true });
}
