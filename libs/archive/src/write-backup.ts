import { createHash } from 'node:crypto';
import type { BackupEnd, BackupHead } from '@souk/contracts';
import { SoukError } from '@souk/domain';
import { Header } from 'tar';
import { backupNames, isBackupPath, type BackupEntry } from './backup-entry.ts';
import { blockBytes } from './tar-header.ts';

function headerOf(path: string, size: number, mtime: Date): Uint8Array {
  const header = new Header({ path, mode: 0o600, size, mtime, type: 'File' });
  if (header.encode()) throw new RangeError(`a tar header can't hold ${path} with ${size} bytes`);
  return header.block as Buffer;
}

const padding = (size: number): Uint8Array => Buffer.alloc((blockBytes - (size % blockBytes)) % blockBytes);
const json = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value)}\n`);

/**
 * A backup as a tar stream (POSIX.1-2017 ustar, not compressed, because blobs are): the head, the entries in their order, and an end that
 * has a SHA-256 over all of them. Throws STORAGE_CORRUPT when an entry does not have the size that it says, and what entries throw.
 */
export async function* writeBackup(head: BackupHead, entries: AsyncIterable<BackupEntry>): AsyncGenerator<Uint8Array> {
  const mtime = new Date(head.createdAt);
  const lines = createHash('sha256');
  let [files, bytes] = [0, 0];
  async function* one({ path, size, bytes: content }: BackupEntry): AsyncGenerator<Uint8Array> {
    if (!isBackupPath(path)) throw new RangeError(`${path} has no place in a backup`);
    yield headerOf(path, size, mtime);
    const hash = createHash('sha256');
    let written = 0;
    for await (const chunk of content) {
      written += chunk.length;
      if (written > size) break;
      hash.update(chunk);
      yield chunk;
    }
    if (written !== size) throw new SoukError('STORAGE_CORRUPT', `${path} does not have ${size} bytes.`, { hint: 'It changed while it was read; make the backup again.' });
    yield padding(size);
    lines.update(`${hash.digest('hex')} ${size} ${path}\n`);
    files += 1;
    bytes += size;
  }
  const ofJson = (path: string, value: unknown): AsyncGenerator<Uint8Array> => one({ path, size: json(value).length, bytes: [json(value)] });
  yield* ofJson(backupNames.head, head);
  for await (const entry of entries) yield* one(entry);
  const end: BackupEnd = { files, bytes, sha256: lines.digest('hex') };
  const text = json(end);
  yield headerOf(backupNames.end, text.length, mtime);
  yield text;
  yield padding(text.length);
  yield Buffer.alloc(2 * blockBytes);
}
