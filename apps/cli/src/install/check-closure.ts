import { isInRange, SoukError } from '@souk/domain';
import { meets, type LockedPackages } from '../project/lockfile.ts';
import type { ProvenPackage } from './prove-packages.ts';

function untrusted(why: string, details: Record<string, unknown>): SoukError {
  return new SoukError('UNTRUSTED_ANSWER', `The site's answer can't be trusted: ${why}.`, { hint: 'Nothing was installed. Ask another site by --site.', details });
}

/**
 * Checks that packages are exactly what is required: every requirement, the project's and those that the packages' own signed manifests state,
 * is met by a version in its range, and no package is there that nothing requires. Throws UNTRUSTED_ANSWER.
 */
export function checkClosure(dependencies: Readonly<Record<string, string>>, packages: readonly ProvenPackage[]): void {
  const byName = new Map<string, ProvenPackage>(packages.map((one) => [one.name, one]));
  const needed = new Set<string>();
  const rest = Object.entries(dependencies).map(([name, range]) => ({ by: 'the project', name, range, isMet: meets }));
  for (let need = rest.pop(); need !== undefined; need = rest.pop()) {
    const { by, name, range, isMet } = need;
    const one = byName.get(name);
    if (one === undefined) throw untrusted(`${by} requires ${name}@${range}, which is missing`, { name, range });
    if (!isMet(one.version, range)) throw untrusted(`${by} requires ${name}@${range}, but it gives ${one.version}`, { name, range, version: one.version });
    if (needed.has(name)) continue;
    needed.add(name);
    rest.push(...Object.entries(one.requires).map(([to, wanted]) => ({ by: `${name}@${one.version}`, name: to, range: wanted, isMet: isInRange })));
  }
  const extra = packages.filter((one) => !needed.has(one.name)).map((one) => one.name);
  if (extra.length > 0) throw untrusted(`nothing requires ${extra.join(', ')}`, { extra });
}

/**
 * Compares packages with what the lockfile pinned: a name's publisher never changes silently, and a version keeps its bytes.
 * Throws PUBLISHER_CHANGED naming all of them, EQUIVOCATION.
 */
export function checkPins(lock: LockedPackages, packages: readonly ProvenPackage[]): void {
  const changed = packages.flatMap((one) => {
    const pinned = lock[one.name]?.publisher;
    return pinned === undefined || pinned === one.publisher ? [] : [{ name: one.name, pinned, offered: one.publisher }];
  });
  if (changed.length > 0) {
    const all = changed.map((one) => `${one.name} was installed from ${one.pinned} and is now offered by ${one.offered}`).join('; ');
    throw new SoukError('PUBLISHER_CHANGED', `The publisher changed: ${all}.`, {
      hint: `Nothing was installed. If you trust the new publisher: souk uninstall ${changed.map((one) => one.name).join(' ')}, then install again.`,
      details: { changed },
    });
  }
  for (const { name, version, cid } of packages) {
    const locked = lock[name];
    if (locked?.version !== version || locked.cid === cid) continue;
    throw new SoukError('EQUIVOCATION', `${name}@${version} is locked with the bytes ${locked.cid}; the site offers ${cid} under the same version.`, {
      hint: 'Nothing was installed. A published version never changes: ask its publisher, or another site.',
      details: { name, version, locked: locked.cid, offered: cid },
    });
  }
}
