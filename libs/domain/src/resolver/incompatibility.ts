import type { SolverPackage } from './solver-package.ts';
import { both, either, isWithin, type VersionSet } from './version-set.ts';

/** A statement about one package: what is chosen for it is in the set. */
export interface Term {
  readonly package: SolverPackage;
  /** Among the choices that the package began with, and never all of them. */
  readonly set: VersionSet;
}

/** Why a requirement can't be met whatever else is chosen. */
export type DeadEnd = 'not-found' | 'no-match' | 'not-a-range';

/** A requirement as it was published or as the root states it. */
export interface RequirementCause {
  readonly by: Term | 'root';
  /** What is required; its package is there, empty, when nobody published it. */
  readonly of: SolverPackage;
  readonly range: string;
  /** The versions of `of` that would do. */
  readonly allowed: VersionSet;
  readonly deadEnd?: DeadEnd;
}

/** Terms that can't all be true, and why: a requirement, or two incompatibilities from which it follows. */
export interface Incompatibility {
  /** At most one per package. None at all means that there is no solution. */
  readonly terms: readonly Term[];
  readonly cause: RequirementCause | readonly [Incompatibility, Incompatibility];
}

/** Whether an incompatibility was derived from two others. */
export function isDerived(cause: Incompatibility['cause']): cause is readonly [Incompatibility, Incompatibility] {
  return Array.isArray(cause);
}

/**
 * What follows from two incompatibilities that both speak of one package (the rule of resolution for several values): what is chosen for
 * it is in one set or the other, so the remaining terms of both can't all be true.
 */
export function resolvent(a: Incompatibility, b: Incompatibility, pivot: SolverPackage): Incompatibility {
  const sets = new Map(a.terms.map((term) => [term.package, term.set]));
  for (const term of b.terms) {
    const other = sets.get(term.package);
    if (other === undefined) sets.set(term.package, term.set);
    else sets.set(term.package, term.package === pivot ? either(other, term.set) : both(other, term.set));
  }
  const pivotSet = sets.get(pivot);
  if (pivotSet !== undefined && isWithin(pivot.all, pivotSet)) sets.delete(pivot);
  return { terms: [...sets].map(([of, set]) => ({ package: of, set })), cause: [a, b] };
}

/** The requirements from which proofs follow, each once, in the order in which the proofs name them. */
export function requirementsIn(proofs: readonly Incompatibility[]): RequirementCause[] {
  const seen = new Set<Incompatibility>();
  const found: RequirementCause[] = [];
  const open = [...proofs].reverse();
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (seen.has(one)) continue;
    seen.add(one);
    if (isDerived(one.cause)) open.push(one.cause[1], one.cause[0]);
    else found.push(one.cause);
  }
  return found;
}
