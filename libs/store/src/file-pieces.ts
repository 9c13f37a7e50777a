import { open } from 'node:fs/promises';
import { SoukError } from '@souk/domain';
import { storing } from './storage-error.ts';

const pieceBytes = 131_072;
const doing = 'Reading a blob';

/**
 * The bytes of a file from `start` to `end` (exclusive), piece by piece as they are asked for; the file is open only meanwhile.
 * Throws STORAGE_CORRUPT when the file is shorter and what the system says (ENOENT) when it is gone.
 */
export async function* filePieces(path: string, start: number, end: number): AsyncGenerator<Uint8Array, void, undefined> {
  const handle = await storing(doing, () => open(path, 'r'));
  try {
    for (let at = start; at < end; ) {
      const piece = new Uint8Array(Math.min(pieceBytes, end - at));
      const { bytesRead } = await storing(doing, () => handle.read(piece, 0, piece.length, at));
      if (bytesRead === 0) throw new SoukError('STORAGE_CORRUPT', `${doing} failed: a file ends at ${at} instead of ${end} bytes.`, { hint: 'Check the disk, then delete the blob; it is fetched again from another peer.' });
      at += bytesRead;
      yield piece.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
