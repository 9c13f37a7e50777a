import { blobCid, sha256Of, type BlobStore, type Cid } from '@souk/domain';
import { chunkBytes } from '@souk/p2p';

/** What a release says of its blob, as far as fetching needs it. */
export interface BlobFacts {
  readonly cid: Cid;
  readonly size: number;
  readonly chunks: readonly Uint8Array[];
}

/** The facts of blob bytes. */
export function factsOf(bytes: Uint8Array): BlobFacts {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) chunks.push(sha256Of(bytes.subarray(at, at + chunkBytes)));
  return { cid: blobCid(sha256Of(bytes)), size: bytes.length, chunks };
}

/** Bytes that look random and are the same for the same name and length. */
export function seededBytes(name: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let block = sha256Of(new TextEncoder().encode(name));
  for (let at = 0; at < length; at += block.length) {
    block = sha256Of(block);
    bytes.set(block.subarray(0, Math.min(block.length, length - at)), at);
  }
  return bytes;
}

/** Puts bytes into a store. */
export async function putBlob(blobs: BlobStore, bytes: Uint8Array): Promise<BlobFacts> {
  const facts = factsOf(bytes);
  const draft = await blobs.draft({ maxBytes: bytes.length });
  await draft.write(bytes);
  await draft.commit(facts.cid);
  return facts;
}

/** The whole bytes of a blob. */
export async function readBlob(blobs: BlobStore, cid: Cid): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of await blobs.read(cid)) pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces));
}
