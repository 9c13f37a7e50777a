import { createHash, type Hash } from 'node:crypto';
import { BackupEnd, BackupHead, backupVersion } from '@souk/contracts';
import { blobCid, isSoukError, SoukError } from '@souk/domain';
import { badBackup, backupNames, isBackupPath } from './backup-entry.ts';
import { slicesOf } from './slices.ts';
import { TarWalker, type TarEvent } from './tar-walker.ts';

/** What a backup holds, in order: the head, then entries with their bytes. Nothing may be used before the `end` has come. */
export type BackupEvent =
  | { readonly kind: 'head'; readonly head: BackupHead }
  | { readonly kind: 'entry'; readonly path: string; readonly size: number }
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'done'; readonly path: string }
  | { readonly kind: 'end'; readonly end: BackupEnd };

/** Most bytes of the entries that are JSON of ours. */
const maxJsonBytes = 1_048_576;

/**
 * Reads a backup strictly and checks it on the way: every blob against its cid, and at the end everything against the hash over all of it.
 * Throws STORAGE_CORRUPT for anything that is not a whole, unchanged backup, STORAGE_VERSION for one of a newer Souk, CANCELLED.
 */
export async function* readBackup(bytes: AsyncIterable<Uint8Array>, signal?: AbortSignal): AsyncGenerator<BackupEvent> {
  const walker = new TarWalker();
  const reading = new BackupReading();
  for await (const slice of slicesOf(bytes, signal, 'Reading the backup')) {
    for (const event of walked(() => [...walker.push(slice)])) yield* reading.take(event);
  }
  walked(() => walker.finish());
  yield reading.finish();
}

/** A broken tar stream is a damaged backup here, not a bad archive. */
function walked<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw isSoukError(error) ? badBackup('it is cut off or damaged', error) : error;
  }
}

interface Open {
  readonly path: string;
  readonly size: number;
  readonly hash: Hash;
  /** What is read whole, because it is ours to understand. */
  readonly whole: Uint8Array[] | undefined;
}

class BackupReading {
  readonly #seen = new Set<string>();
  readonly #lines = createHash('sha256');
  #open: Open | undefined;
  #files = 0;
  #bytes = 0;
  #end: BackupEnd | undefined;

  *take(event: TarEvent): Generator<BackupEvent> {
    if (event.kind === 'entry') yield* this.#begin(event.header.path, event.header.size, event.header.type);
    else if (event.kind === 'data') yield* this.#data(event.bytes);
    else yield* this.#close();
  }

  /** The end, when it has come and is right. */
  finish(): BackupEvent {
    if (!this.#end) throw badBackup('its end is missing');
    return { kind: 'end', end: this.#end };
  }

  *#begin(path: string, size: number, type: string): Generator<BackupEvent> {
    if (type !== 'file' || !isBackupPath(path)) throw badBackup(`it holds ${JSON.stringify(path.slice(0, 120))}, which has no place in it`);
    if ((this.#seen.size === 0) !== (path === backupNames.head) || this.#end) throw badBackup('it is none of Souk');
    if (this.#seen.has(path)) throw badBackup(`it holds ${path} twice`);
    this.#seen.add(path);
    const isOurs = path === backupNames.head || path === backupNames.end;
    if (isOurs && size > maxJsonBytes) throw badBackup(`its ${path} is too large`);
    this.#open = { path, size, hash: createHash('sha256'), whole: isOurs ? [] : undefined };
    if (!isOurs) yield { kind: 'entry', path, size };
  }

  *#data(bytes: Uint8Array): Generator<BackupEvent> {
    this.#open?.hash.update(bytes);
    if (this.#open?.whole) this.#open.whole.push(bytes);
    else yield { kind: 'data', bytes };
  }

  *#close(): Generator<BackupEvent> {
    const open = this.#open;
    if (!open) return;
    const { path, size, whole } = open;
    const digest = open.hash.digest();
    if (path === backupNames.end) return this.#takeEnd(Buffer.concat(whole ?? []));
    if (path.startsWith('blobs/') && !path.endsWith(`/${blobCid(new Uint8Array(digest))}`)) throw badBackup(`the blob ${path.slice('blobs/xx/'.length)} in it is damaged`);
    this.#lines.update(`${digest.toString('hex')} ${size} ${path}\n`);
    this.#files += 1;
    this.#bytes += size;
    yield path === backupNames.head ? { kind: 'head', head: headOf(Buffer.concat(whole ?? [])) } : { kind: 'done', path };
  }

  #takeEnd(bytes: Uint8Array): void {
    const end = BackupEnd.safeParse(json(bytes));
    if (!end.success) throw badBackup('its end is damaged');
    const { files, bytes: total, sha256 } = end.data;
    if (files !== this.#files || total !== this.#bytes || sha256 !== this.#lines.digest('hex')) throw badBackup('what it holds is not what it says at its end');
    this.#end = end.data;
  }
}

function headOf(bytes: Uint8Array): BackupHead {
  const value = json(bytes);
  const parsed = BackupHead.safeParse(value);
  if (parsed.success) return parsed.data;
  const { format, version } = (value ?? {}) as Record<string, unknown>;
  if (format === 'souk-backup' && typeof version === 'number' && version > backupVersion) {
    throw new SoukError('STORAGE_VERSION', `The backup has version ${version}; this Souk understands ${backupVersion}.`, { hint: 'Restore it by the newer Souk that made it.', details: { version, understood: backupVersion } });
  }
  throw badBackup('it is none of Souk');
}

function json(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
