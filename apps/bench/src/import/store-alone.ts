import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readFact, throwIfAborted, type SmallBlob } from '@souk/domain';
import { openBlobStore, openDataFolder, openLogStore, type DataFolder } from '@souk/store';

/** As many as one append of an import has. */
const batch = 500;

async function blobsOf(source: Pick<DataFolder, 'blobs'>, records: Awaited<ReturnType<DataFolder['logs']['since']>>): Promise<SmallBlob[]> {
  const blobs: SmallBlob[] = [];
  for (const { record } of records) {
    const fact = readFact(record);
    if (fact?.kind !== 'release') continue;
    const pieces: Uint8Array[] = [];
    for await (const piece of await source.blobs.read(fact.body.cid)) pieces.push(piece);
    blobs.push({ cid: fact.body.cid, bytes: Buffer.concat(pieces) });
  }
  return blobs;
}

/**
 * Packages per second that the stores take of the same bytes, without network, checks, index or other processes: blobs of 500 packages on disk,
 * then their records in one transaction on disk. Reads them from the data folder of a site that was stopped; reading is not timed.
 */
export async function storeAlone(data: string, scratch: string, signal: AbortSignal): Promise<number> {
  const source = await openDataFolder(data);
  const folder = join(scratch, 'store-alone');
  await mkdir(folder);
  const [logs, blobs] = [await openLogStore(folder), await openBlobStore(folder)];
  let [packages, milliseconds] = [0, 0];
  try {
    for (let arrival = 0; ; ) {
      throwIfAborted(signal, 'The baseline');
      const records = await source.logs.since(arrival, batch);
      if (records.length === 0) return packages / (milliseconds / 1000);
      const some = await blobsOf(source, records);
      const start = performance.now();
      await blobs.putAll(some);
      const { added } = await logs.append(records.map(({ record }) => record));
      milliseconds += performance.now() - start;
      if (added.length !== records.length) throw new Error(`the store took ${added.length} records instead of ${records.length}`);
      packages += some.length;
      arrival = records.at(-1)?.arrival ?? arrival;
    }
  } finally {
    await logs.close();
    await blobs.close();
    await source.close();
  }
}
