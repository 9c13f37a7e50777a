import type { VersionDoc } from '@souk/contracts';
import { toHex, type VersionState } from '@souk/domain';

/** Everything that one version's release says, and what became of it. */
export function versionDoc(one: VersionState): VersionDoc {
  const { name, version, kind, manifest, cid, integrity, size, unpackedSize, files, tree, readme } = one.release;
  return {
    name,
    version,
    kind,
    publisher: one.publisher,
    manifest,
    cid,
    integrity,
    size,
    unpackedSize,
    files,
    tree: toHex(tree),
    publishedAt: new Date(one.firstSeen).toISOString(),
    ...(readme ? { readme: { path: readme.path, excerpt: readme.excerpt } } : {}),
    ...(one.retracted ? { retracted: one.retracted } : {}),
    equivocations: one.equivocations.length,
  };
}
