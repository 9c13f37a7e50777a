import type { KnownVersion } from '@souk/contracts';
import { Catalogue, noPolicy, toHex, type CataloguePolicy, type LogStore, type PackageName, type Version } from '@souk/domain';
import { Pace } from '../pace.ts';
import { rememberingLogs } from './remembering-logs.ts';

type Logs = Pick<LogStore, 'read' | 'about' | 'subjects' | 'fork'>;

/** Of versions that somebody wants to publish, those that are published or whose name is taken. Others get a turn between slices of work. */
export async function knownVersions(logs: Logs, versions: readonly { readonly name: PackageName; readonly version: Version }[], policy: CataloguePolicy = noPolicy): Promise<KnownVersion[]> {
  const pace = new Pace();
  const catalogue = new Catalogue(rememberingLogs(logs), policy);
  const known: KnownVersion[] = [];
  for (const { name, version } of versions) {
    await pace.step();
    const state = await catalogue.package(name);
    if (!state) continue;
    const release = state.versions.find((one) => one.version === version)?.release;
    known.push({ name, version, ...(state.publisher === undefined ? {} : { publisher: state.publisher }), ...(release ? { bound: { cid: release.cid, tree: toHex(release.tree) } } : {}) });
  }
  return known;
}
