import { createCipheriv } from 'node:crypto';
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

/** Bytes that look random and are the same for the same name and length: the key stream of AES in counter mode. */
export function seededBytes(name: string, length: number): Uint8Array {
  const cipher = createCipheriv('aes-256-ctr', sha256Of(new TextEncoder().encode(name)), new Uint8Array(16));
  return new Uint8Array(cipher.update(new Uint8Array(length)));
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
