import { z } from 'zod';
import { Cid, Hex32, isInRange, isRange, KeyId, PackageName, SoukError, Version } from '@souk/domain';
import { badProjectFile, readProjectJson, sorted } from './souk-json.ts';

/** Name of the file that pins what is installed. */
export const lockfileName = 'souk-lock.json';
const lockfileVersion = 1;

const LockedPackage = z.object({
  version: Version,
  cid: Cid,
  /** `sha512-` and base64, of the .tgz. */
  integrity: z.string().max(256),
  /** Whose releases of this name are accepted. */
  publisher: KeyId,
  /** `treeHash` of the files, hexadecimal. */
  tree: Hex32.optional(),
  requires: z.record(PackageName, z.string().max(1024)).default({}),
});
/** One package that is pinned. */
export type LockedPackage = z.infer<typeof LockedPackage>;

/** Packages by name; no host names, so that it holds at every site. */
export type LockedPackages = Readonly<Record<string, LockedPackage>>;

const Lockfile = z.object({ lockfileVersion: z.literal(lockfileVersion), packages: z.record(PackageName, LockedPackage) });

/** Reads souk-lock.json; undefined when there is none. Throws BAD_JSON, STORAGE_VERSION for one of a newer Souk. */
export async function readLockfile(folder: string): Promise<LockedPackages | undefined> {
  const value = await readProjectJson(folder, lockfileName);
  if (value === undefined) return undefined;
  const version = (value as { lockfileVersion?: unknown } | null)?.lockfileVersion;
  if (typeof version === 'number' && version > lockfileVersion) {
    throw new SoukError('STORAGE_VERSION', `${lockfileName} has version ${version}; this Souk understands ${lockfileVersion}.`, { hint: 'Upgrade the souk command.' });
  }
  const parsed = Lockfile.safeParse(value);
  if (!parsed.success) throw badProjectFile(lockfileName, parsed.error);
  return parsed.data.packages;
}

/** The lockfile's text: equal packages give equal bytes. */
export function lockfileText(packages: LockedPackages): string {
  const entries = Object.entries(packages).map(([name, { version, cid, integrity, publisher, tree, requires }]) => [name, { version, cid, integrity, publisher, ...(tree === undefined ? {} : { tree }), requires: sorted(requires) }]);
  return `${JSON.stringify({ lockfileVersion, packages: sorted(Object.fromEntries(entries) as Record<string, unknown>) }, null, 2)}\n`;
}

/** What is reached from requirements along what the packages require; names that are missing are left out. */
export function reachable(dependencies: Readonly<Record<string, string>>, packages: LockedPackages): string[] {
  const found = new Set<string>();
  const rest = Object.keys(dependencies);
  for (let name = rest.pop(); name !== undefined; name = rest.pop()) {
    const one = packages[name];
    if (one === undefined || found.has(name)) continue;
    found.add(name);
    rest.push(...Object.keys(one.requires));
  }
  return [...found].sort();
}

/** Why a lockfile does not do for what is required; undefined when it does: every requirement is met by a pinned version, and so on below it. */
export function lockProblem(dependencies: Readonly<Record<string, string>>, packages: LockedPackages): string | undefined {
  const problem = (by: string, needs: Readonly<Record<string, string>>, isMet: typeof meets): string | undefined => {
    for (const [name, range] of Object.entries(needs)) {
      const version = packages[name]?.version;
      if (version === undefined) return `${by} needs ${name}, which is not locked`;
      if (!isMet(version, range)) return `${by} needs ${name}@${range}, locked is ${version}`;
    }
    return undefined;
  };
  const own = problem('souk.json', dependencies, meets);
  if (own !== undefined) return own;
  for (const name of reachable(dependencies, packages)) {
    const found = problem(name, packages[name]?.requires ?? {}, isInRange);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a version is what a project asks for: in the range, or any version for a tag, which only the site can read. */
export function meets(version: string, range: string): boolean {
  return !isRange(range) || isInRange(version, range);
}
