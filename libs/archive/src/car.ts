import { bytesReader, readBlockHead, readHeader } from '@ipld/car/decoder';
import { blockLength, createWriter, headerLength } from '@ipld/car/buffer-writer';
import { parseCid, SoukError, type SmallBlob } from '@souk/domain';
import { CID } from 'multiformats/cid';

/** What a CAR may hold. */
export interface CarLimits {
  /** Most blobs. */
  readonly maxBlobs: number;
  /** Most bytes of one blob. */
  readonly maxBlobBytes: number;
}

const withoutRoots = { roots: [] };

/** Many blobs as one CARv1 file (ipld.io/specs/transport/car/carv1) without roots, in their order. */
export function writeCar(blobs: readonly SmallBlob[]): Uint8Array<ArrayBuffer> {
  const blocks = blobs.map(({ cid, bytes }) => ({ cid: CID.parse(cid), bytes }));
  const headerSize = headerLength(withoutRoots);
  const size = blocks.reduce((sum, block) => sum + blockLength(block), headerSize);
  const writer = createWriter(new ArrayBuffer(size), { ...withoutRoots, headerSize });
  for (const block of blocks) writer.write(block);
  return writer.close() as Uint8Array<ArrayBuffer>;
}

function refuse(why: string, cause?: unknown): SoukError {
  return new SoukError('BAD_REQUEST', `The blobs are no CAR: ${why}.`, { hint: 'Send a CARv1 file (application/vnd.ipld.car) whose blocks are blobs: CIDv1, raw, sha2-256.', cause });
}

function tooLarge(what: string, limit: number): SoukError {
  return new SoukError('TOO_LARGE', `A CAR may have at most ${limit} ${what}.`, { hint: 'Send fewer blobs at once; upload a larger one by itself, with PUT.', details: { limit } });
}

/**
 * The blobs of a CARv1 file; the bytes are views of the file's, and not compared with the cids yet.
 * Throws BAD_REQUEST for what is no CARv1 or names anything but blobs, BAD_CID, and TOO_LARGE with details `{ limit }` as soon as it is known.
 */
export async function readCar(car: Uint8Array, limits: CarLimits): Promise<SmallBlob[]> {
  try {
    return await blocksOf(car, limits);
  } catch (error) {
    throw error instanceof SoukError ? error : refuse(error instanceof Error ? error.message : 'unknown', error);
  }
}

async function blocksOf(car: Uint8Array, { maxBlobs, maxBlobBytes }: CarLimits): Promise<SmallBlob[]> {
  const reader = bytesReader(car);
  await readHeader(reader, 1);
  const blobs: SmallBlob[] = [];
  while ((await reader.upTo(1)).length > 0) {
    if (blobs.length === maxBlobs) throw tooLarge('blobs', maxBlobs);
    const { cid, blockLength: length } = await readBlockHead(reader);
    if (length < 0) throw refuse('a section is shorter than its cid');
    if (length > maxBlobBytes) throw tooLarge('bytes in one blob', maxBlobBytes);
    blobs.push({ cid: parseCid(cid.toString()), bytes: await reader.exactly(length, true) });
  }
  return blobs;
}
