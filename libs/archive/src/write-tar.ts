import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { SoukError } from '@souk/domain';
import { Header, Pax } from 'tar';
import type { PackFile } from './pack-list.ts';
import { sliceBytes } from './slices.ts';
import { blockBytes } from './tar-header.ts';

/** The root folder that npm packs everything into. */
export const rootFolder = 'package/';

/** The date that npm gives all packed files: a little after zip's first, because 1970 is before it. */
const packedAt = new Date('1985-10-26T08:15:00.000Z');

/** The header of one file, with a pax header before it when the name needs one. */
export function tarHeader(file: Pick<PackFile, 'path' | 'mode' | 'size'>): Buffer {
  const path = rootFolder + file.path;
  const header = new Header({ path, mode: file.mode, size: file.size, mtime: packedAt, type: 'File' });
  const needsPax = header.encode();
  const block = header.block as Buffer;
  return needsPax ? Buffer.concat([new Pax({ path }).encode(), block]) : block;
}

/** What fills a file's last block. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((blockBytes - (size % blockBytes)) % blockBytes);
}

/** What ends a tar stream. */
export const tarTrailer: Buffer = Buffer.alloc(2 * blockBytes);

async function* contentOf(file: PackFile): AsyncGenerator<Uint8Array> {
  const handle = await open(file.source, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    let left = file.size;
    while (left > 0) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(Math.min(left, sliceBytes)));
      if (bytesRead === 0) break;
      left -= bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
    const { size } = await handle.stat();
    if (left > 0 || size !== file.size) {
      throw new SoukError('STORAGE_CORRUPT', `${file.path} changed while it was packed.`, { hint: 'Stop what writes to it and try again.' });
    }
  } finally {
    await handle.close();
  }
}

/**
 * The tar stream (POSIX.1-2017 ustar, pax for long names) of files in the given order. It depends on names, modes and contents only:
 * no times, owners or inode numbers, and files that are hard-linked to each other are still files. Throws STORAGE_CORRUPT when a file
 * changes meanwhile, and what reading throws.
 */
export async function* writeTar(files: readonly PackFile[]): AsyncGenerator<Uint8Array> {
  for (const file of files) {
    yield tarHeader(file);
    yield* contentOf(file);
    yield tarPadding(file.size);
  }
  yield tarTrailer;
}
