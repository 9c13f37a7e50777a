import { requireBound, versionNotFound, type Catalogue, type PackageState, type VersionState } from '@souk/domain';
import { packageNotFound } from './not-found.ts';

/** A package's state. Throws PACKAGE_NOT_FOUND. */
export async function requirePackage(catalogue: Pick<Catalogue, 'package'>, name: string): Promise<PackageState> {
  const state = await catalogue.package(name);
  if (!state) throw packageNotFound(name);
  return state;
}

/** One exact version's state. Throws PACKAGE_NOT_FOUND, VERSION_NOT_FOUND, CONTESTED_NAME. */
export async function requireVersion(catalogue: Pick<Catalogue, 'package'>, name: string, version: string): Promise<VersionState> {
  const state = requireBound(await requirePackage(catalogue, name));
  const found = state.versions.find((one) => one.version === version);
  if (!found) throw versionNotFound(name, version, { versions: state.versions.map((one) => one.version), tags: state.tags });
  return found;
}
