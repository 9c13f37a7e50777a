import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { blobPlaces } from './blob-places.ts';
import { syncFolder } from './durable-file.ts';

/** Folders that are flushed at the same time. */
const parallel = 8;

/**
 * Makes every name in a data folder durable. A process that was killed between giving a file its name and flushing that leaves a name that
 * everybody sees and a power failure takes away; whoever finds the file must not rely on it, let alone acknowledge it again, before.
 */
export async function settleNames(path: string): Promise<void> {
  const { blobs, batches } = blobPlaces(path);
  const shards = (await readdir(blobs, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => join(blobs, name));
  const rest = [dirname(path), path, join(path, 'keys'), batches, blobs, ...shards].values();
  const flush = async (): Promise<void> => {
    for (const folder of rest) await syncFolder(folder);
  };
  await Promise.all(Array.from({ length: parallel }, flush));
}
