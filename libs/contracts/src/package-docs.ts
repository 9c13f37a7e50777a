import { z } from 'zod';
import { Cid, Hex32, Kind, KeyId, ManifestFields, PackageName, Version, WireRecord } from '@souk/domain';

/** That a site may not know the newest, and since when: too few of the network's super-peers have attested lately that all there is is held there. */
export const Staleness = z.object({ since: z.iso.datetime().optional() }).meta({ id: 'Staleness' });
export type Staleness = z.infer<typeof Staleness>;

/** How a version was taken back. */
export const Retraction = z.object({ how: z.enum(['yank', 'deprecate']), reason: z.string() });

/** One line of a package's list of versions; `publishedAt` is when this site first saw it, ISO 8601. */
export const VersionLine = z.object({ version: Version, kind: Kind, cid: Cid, size: z.int(), publishedAt: z.string(), retracted: Retraction.optional() }).meta({ id: 'VersionLine' });

/** Most versions that a package's document lists, the newest. */
export const maxListedVersions = 1000;

/** A package as the site sees it. */
export const PackageDoc = z
  .object({
    name: PackageName,
    kind: Kind.optional(),
    publisher: KeyId.optional(),
    claimants: z.array(KeyId),
    latest: Version.optional(),
    tags: z.record(z.string(), Version),
    description: z.string().optional(),
    keywords: z.array(z.string()),
    license: z.string().optional(),
    homepage: z.string().optional(),
    versions: z.array(VersionLine).max(maxListedVersions),
    totalVersions: z.int(),
    stale: Staleness.optional(),
  })
  .meta({ id: 'Package' });
export type PackageDoc = z.infer<typeof PackageDoc>;

/** One version with everything its release record says. */
export const VersionDoc = z
  .object({
    name: PackageName,
    version: Version,
    kind: Kind,
    publisher: KeyId,
    manifest: ManifestFields,
    cid: Cid,
    integrity: z.string(),
    size: z.int(),
    unpackedSize: z.int(),
    files: z.int(),
    tree: Hex32,
    publishedAt: z.string(),
    readme: z.object({ path: z.string(), excerpt: z.string() }).optional(),
    retracted: Retraction.optional(),
    equivocations: z.int(),
    stale: Staleness.optional(),
  })
  .meta({ id: 'Version' });
export type VersionDoc = z.infer<typeof VersionDoc>;

/** The files of a version's archive. */
export const FilesDoc = z
  .object({ name: PackageName, version: Version, tree: Hex32, files: z.array(z.object({ path: z.string(), mode: z.int(), size: z.int(), sha256: Hex32 })) })
  .meta({ id: 'Files' });
export type FilesDoc = z.infer<typeof FilesDoc>;

/** The signed records that prove a version: its release, and everything behind the key that signed it. */
export const Proof = z.array(WireRecord).max(512).meta({ id: 'Proof' });
export type Proof = z.infer<typeof Proof>;

/** What search knows of a package: one line of every answer. `updatedAt` is ISO 8601, by first sight of its newest version. */
export const PackageSummary = z
  .object({
    name: PackageName,
    version: Version,
    kind: Kind,
    description: z.string(),
    keywords: z.array(z.string()),
    publisher: KeyId,
    license: z.string().optional(),
    author: z.string().optional(),
    updatedAt: z.string(),
    versions: z.int(),
    stars: z.int(),
    downloads: z.int(),
    deprecated: z.string().optional(),
    /** Told by a super-peer, whose records were verified, and not held by this site. */
    remote: z.boolean().optional(),
  })
  .meta({ id: 'PackageSummary' });
export type PackageSummary = z.infer<typeof PackageSummary>;
