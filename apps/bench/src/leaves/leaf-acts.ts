import { peerIdOf, seedFrom, signerOf, type Cid } from '@souk/domain';
import { factsOf, seededBytes, type BlobFacts } from '@souk/testing';

/** Blobs that each leaf holds and leases. */
export const blobsOfLeaf = 10;
/** Lookups of each leaf in the measured minute, each of another cid. */
export const lookupsOfLeaf = 10;
const blobBytes = 512;

/** The secret of a leaf's identity. */
export const seedOfLeaf = (leaf: number): Uint8Array => seedFrom(`leaf/${leaf}`);

/** The peer id of a leaf. */
export const peerOfLeaf = (leaf: number): string => peerIdOf(signerOf(seedOfLeaf(leaf)).publicKey);

/** The bytes of one of a leaf's blobs. */
export const bytesOf = (leaf: number, blob: number): Uint8Array => seededBytes(`leaf/${leaf}/${blob}`, blobBytes);

/** What a release would say of it. */
export const factsOfBlob = (leaf: number, blob: number): BlobFacts => factsOf(bytesOf(leaf, blob));

/** Its address. */
export const cidOf = (leaf: number, blob: number): Cid => factsOfBlob(leaf, blob).cid;

/** The name of a leaf's publisher, for `author`. */
export const publisherOfLeaf = (leaf: number): string => `leaf ${leaf}`;
