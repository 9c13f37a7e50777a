import { z } from 'zod';
import { Cid, Hex32, KeyId, PackageName, Version } from '@souk/domain';

/** Limits of one upload of many blobs, a CAR. Larger blobs are uploaded one by one. */
export const maxBulk = { bytes: 16_777_216, blobs: 500, blobBytes: 1_048_576 } as const;

/** Media type of a CAR (ipld.io/specs/transport/car). */
export const carType = 'application/vnd.ipld.car';

/** What an upload of many blobs did: how many there were, and how many of them were new. All of them are on disk. */
export const BulkAnswer = z.object({ blobs: z.int().min(0), added: z.int().min(0) }).meta({ id: 'BulkUpload' });
export type BulkAnswer = z.infer<typeof BulkAnswer>;

/** Most versions that are asked about at once. */
export const maxKnown = 500;

/** Versions that somebody wants to publish. */
export const KnownInput = z.object({ versions: z.array(z.object({ name: PackageName, version: Version })).min(1).max(maxKnown) }).meta({ id: 'VersionsQuery' });
export type KnownInput = z.infer<typeof KnownInput>;

/** A name that is taken: whom it belongs to (nobody while it is contested), and what that version is bound to if it is published. */
export const KnownVersion = z.object({ name: PackageName, version: Version, publisher: KeyId.optional(), bound: z.object({ cid: Cid, tree: Hex32 }).optional() });
export type KnownVersion = z.infer<typeof KnownVersion>;

/** Of the versions asked about, those whose name is taken. */
export const KnownOutput = z.object({ known: z.array(KnownVersion).max(maxKnown) }).meta({ id: 'VersionsAnswer' });
export type KnownOutput = z.infer<typeof KnownOutput>;
