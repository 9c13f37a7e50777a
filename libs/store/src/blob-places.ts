import { join } from 'node:path';
import type { Cid } from '@souk/domain';

/** Where a blob store keeps what. */
export interface BlobPlaces {
  /** The folder of the shards. */
  readonly blobs: string;
  /** Files that are being written. */
  readonly drafts: string;
  /** Journals of blobs that were kept together. */
  readonly batches: string;
}

/** The places of a blob store in a folder. */
export function blobPlaces(folder: string): BlobPlaces {
  return { blobs: join(folder, 'blobs'), drafts: join(folder, 'drafts'), batches: join(folder, 'batches') };
}

/** The folder of a blob: its cid's last two characters, because all cids begin alike. */
export function shardOf({ blobs }: BlobPlaces, cid: Cid): string {
  return join(blobs, cid.slice(-2));
}

/** The file of a blob. */
export function blobPath(places: BlobPlaces, cid: Cid): string {
  return join(shardOf(places, cid), cid);
}
