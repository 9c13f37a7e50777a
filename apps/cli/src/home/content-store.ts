import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { blobCid, SoukError, throwIfAborted, type Cid, type SmallBlob } from '@souk/domain';
import { makeFolder, syncFolder } from '@souk/store';
import { ContentPacks } from './content-packs.ts';
import { ifPresent, onDisk } from './on-disk.ts';

/** Blobs that were downloaded or published by this user, by cid. */
export interface ContentStore {
  /** Whether the blob is here with that size. */
  has(cid: Cid, size: number): Promise<boolean>;
  /** Keeps bytes once they are whole and their hash is the cid's. Throws CID_MISMATCH, also when there are more or fewer bytes than `size`. */
  put(blob: { readonly cid: Cid; readonly size: number }, bytes: AsyncIterable<Uint8Array>, options: PutOptions): Promise<void>;
  /** Keeps small blobs (`maxBulk.blobBytes`) that are in memory and whose hashes were checked, together; they survive a power failure. */
  putAll(blobs: readonly SmallBlob[]): Promise<void>;
  /** A blob's bytes. */
  read(cid: Cid): AsyncIterable<Uint8Array>;
  /** Deletes a blob that turned out to be damaged. */
  delete(cid: Cid): Promise<void>;
}

/** How bytes are received. */
export interface PutOptions {
  readonly signal: AbortSignal;
  /** Whether they must survive a power failure: what was published must, what can be downloaded again need not. */
  readonly durable?: boolean;
  /** Told about every chunk. */
  readonly onBytes?: (bytes: number) => void;
}

const staleMs = 24 * 3_600_000;
const [drafts, packed] = ['drafts', 'packs'];

/**
 * Opens the store in a folder, created when missing: `XY/CID`, where XY are the cid's last two characters, and `packs/*.car` of blobs that
 * were kept together. Several processes may share it.
 */
export async function openContentStore(folder: string, now: number): Promise<ContentStore> {
  await onDisk(`Creating ${folder}`, async () => {
    await makeFolder(join(folder, drafts));
    await deleteLeftDrafts(join(folder, drafts), now);
  });
  const shard = (cid: Cid): string => join(folder, cid.slice(-2));
  const path = (cid: Cid): string => join(shard(cid), cid);
  const packs = new ContentPacks(join(folder, packed));
  const sizeOf = (cid: Cid): Promise<number | undefined> => onDisk(`Reading ${folder}`, async () => (await ifPresent(() => stat(path(cid))))?.size ?? (await packs.size(cid)));
  return {
    putAll: (blobs) => onDisk('Keeping blobs', () => packs.keep(blobs)),
    has: async (cid, size) => (await sizeOf(cid)) === size,
    put: (blob, bytes, options) => put({ draft: join(folder, drafts, randomBytes(12).toString('hex')), shard: shard(blob.cid), path: path(blob.cid) }, blob, bytes, options),
    read: (cid) => bytesOf(path(cid), () => packs.read(cid)),
    delete: (cid) =>
      onDisk(`Deleting ${cid}`, async () => {
        await rm(path(cid), { force: true });
        await packs.delete(cid);
      }),
  };
}

async function* bytesOf(path: string, readPacked: () => Promise<Uint8Array | undefined>): AsyncGenerator<Uint8Array> {
  const bytes = (await ifPresent(() => stat(path))) === undefined ? await readPacked() : undefined;
  if (bytes) yield bytes;
  else yield* createReadStream(path) as AsyncIterable<Uint8Array>;
}

/** Drafts that a crash left long ago; younger ones may still be written by another process. */
async function deleteLeftDrafts(folder: string, now: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const found = await ifPresent(() => stat(join(folder, name)));
    if (found && now - found.mtimeMs > staleMs) await rm(join(folder, name), { force: true });
  }
}

function mismatch(cid: Cid, why: string): SoukError {
  return new SoukError('CID_MISMATCH', `The bytes received for ${cid} are wrong: ${why}.`, { hint: 'They were altered or cut on the way. Try again, or use another site.', details: { cid } });
}

async function put(places: { draft: string; shard: string; path: string }, blob: { cid: Cid; size: number }, bytes: AsyncIterable<Uint8Array>, options: PutOptions): Promise<void> {
  const handle = await onDisk('Keeping a blob', () => open(places.draft, 'wx', 0o600));
  try {
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of bytes) {
      throwIfAborted(options.signal, 'The download');
      size += chunk.length;
      if (size > blob.size) throw mismatch(blob.cid, `more than the ${blob.size} bytes that were signed`);
      hash.update(chunk);
      options.onBytes?.(chunk.length);
      await onDisk('Keeping a blob', () => handle.writeFile(chunk));
    }
    if (size < blob.size) throw mismatch(blob.cid, `only ${size} of ${blob.size} bytes`);
    const cid = blobCid(new Uint8Array(hash.digest()));
    if (cid !== blob.cid) throw mismatch(blob.cid, `they are ${cid}`);
    await onDisk('Keeping a blob', async () => {
      if (options.durable) await handle.sync();
      await (options.durable ? makeFolder(places.shard) : mkdir(places.shard, { recursive: true, mode: 0o700 }));
      await rename(places.draft, places.path);
      if (options.durable) await syncFolder(places.shard);
    });
  } finally {
    await handle.close();
    await rm(places.draft, { force: true });
  }
}
