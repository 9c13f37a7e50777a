/** How large an archive may be. Configuration: a site may lower or raise each of them. */
export interface ArchiveLimits {
  /** Most entries, and most names with the folders that they imply. */
  readonly maxEntries: number;
  /** Most bytes of the uncompressed tar stream, headers and padding included. */
  readonly maxUnpackedBytes: number;
  /** Most uncompressed bytes per compressed byte, once `ratioFreeBytes` are exceeded. */
  readonly maxRatio: number;
  /** Uncompressed bytes that are allowed at any ratio: small files of spaces compress a lot. */
  readonly ratioFreeBytes: number;
  /** Most UTF-8 bytes of one part of a name. */
  readonly maxPartBytes: number;
  /** Most UTF-8 bytes of a whole name. */
  readonly maxPathBytes: number;
  /** Most parts of a name. */
  readonly maxDepth: number;
  /** Most bytes of the root folder's package.json. */
  readonly maxManifestBytes: number;
}

const mebibyte = 1_048_576;

/** The limits of a site that configures none. */
export const defaultArchiveLimits: ArchiveLimits = {
  maxEntries: 100_000,
  maxUnpackedBytes: 512 * mebibyte,
  maxRatio: 100,
  ratioFreeBytes: mebibyte,
  maxPartBytes: 255,
  maxPathBytes: 1024,
  maxDepth: 32,
  maxManifestBytes: mebibyte,
};
