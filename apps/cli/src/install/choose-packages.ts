import { routes } from '@souk/contracts';
import { isSoukError, parseName, SoukError, type WireRecord } from '@souk/domain';
import type { Context } from '../context.ts';
import type { ProofStore } from '../home/proof-store.ts';
import { noteStale } from '../output/stale-note.ts';
import { lockProblem, reachable, type LockedPackages } from '../project/lockfile.ts';
import { checkClosure, checkPins } from './check-closure.ts';
import { provePackages, type ProvenPackage } from './prove-packages.ts';

/** What is to be installed. */
export interface Wanted {
  /** Names to ranges or tags: what the project requires afterwards. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** What was pinned before; publishers stay pinned even where versions are chosen anew. */
  readonly lock: LockedPackages;
  /** Names whose version is to be chosen anew. */
  readonly renew: readonly string[];
  /** Refuse to choose: the lockfile must do. */
  readonly frozen: boolean;
}

/**
 * Chooses and proves the packages that meet what is wanted. A lockfile that does is followed to the letter, without a site when the proofs are
 * kept here; else the site resolves. Nothing of its answer is believed that is not signed or asked for.
 * Throws LOCKFILE_STALE, UNTRUSTED_ANSWER, PUBLISHER_CHANGED, EQUIVOCATION, and what resolving throws.
 */
export async function choosePackages(context: Context, proofs: ProofStore, wanted: Wanted): Promise<ProvenPackage[]> {
  const { dependencies, lock, renew, frozen } = wanted;
  const problem = renew.length > 0 ? 'versions are to be chosen' : lockProblem(dependencies, lock);
  if (problem !== undefined) {
    if (frozen) throw new SoukError('LOCKFILE_STALE', `souk-lock.json does not do for souk.json: ${problem}.`, { hint: 'Run souk install without --frozen and commit souk-lock.json.' });
    const locked = Object.fromEntries(Object.entries(lock).filter(([name]) => !renew.includes(name)).map(([name, one]) => [name, one.version]));
    return resolved(context, dependencies, locked, lock);
  }
  const names = reachable(dependencies, lock);
  const kept = await provenHere(proofs, lock, names);
  if (kept) {
    checkClosure(dependencies, kept);
    return kept;
  }
  const exact = Object.fromEntries(names.map((name) => [name, lock[name]?.version ?? '']));
  const packages = await resolved(context, exact, exact, lock);
  checkClosure(dependencies, packages);
  return packages;
}

async function resolved(context: Context, dependencies: Readonly<Record<string, string>>, locked: Readonly<Record<string, string>>, lock: LockedPackages): Promise<ProvenPackage[]> {
  if (Object.keys(dependencies).length === 0) return [];
  const answer = await (await context.gateway()).call(routes.postResolution, { body: { dependencies: { ...dependencies }, locked: { ...locked } } });
  noteStale(context, answer.stale);
  const packages = await provePackages(answer);
  checkClosure(dependencies, packages);
  checkPins(lock, packages);
  return packages;
}

/** The locked packages by proofs that are kept here, undefined when one is missing or does not prove what is locked. */
async function provenHere(proofs: ProofStore, lock: LockedPackages, names: readonly string[]): Promise<ProvenPackage[] | undefined> {
  const all: ProvenPackage[] = [];
  for (const name of names) {
    const locked = lock[name];
    const records = locked && (await proofs.get(name, locked.version, locked.cid));
    if (!locked || !records) return undefined;
    const one = await provenBy(name, locked, records);
    if (!one) return undefined;
    all.push(one);
  }
  return all;
}

async function provenBy(name: string, locked: LockedPackages[string], records: readonly WireRecord[]): Promise<ProvenPackage | undefined> {
  const { version, cid, integrity, publisher } = locked;
  try {
    return (await provePackages({ packages: [{ name: parseName(name), version, cid, integrity, publisher }], proof: records }))[0];
  } catch (error) {
    if (isSoukError(error)) return undefined;
    throw error;
  }
}
