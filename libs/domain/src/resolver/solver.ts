import { resolvent, type DeadEnd, type Incompatibility, type RequirementCause, type Term } from './incompatibility.ts';
import { compareText, PackageVersions } from './package-versions.ts';
import { PartialSolution } from './partial-solution.ts';
import { SolverPackage } from './solver-package.ts';
import type { Requirement, Root, Universe } from './universe.ts';
import { areDisjoint, both, firstOf, has, isNone, isWithin, noVersions, only, without } from './version-set.ts';

/** How a search ended. */
export type SolverResult =
  | { readonly end: 'solved' }
  /** Incompatibilities without terms: the one that was derived, or every requirement of the root that can't be met by itself. */
  | { readonly end: 'impossible'; readonly proofs: readonly Incompatibility[] }
  | { readonly end: 'too-hard'; readonly steps: number };

/**
 * Version solving by conflict-driven learning after PubGrub (Weizenbaum, "PubGrub: Next-Generation Version Solving", 2018) over finite
 * sets of versions: requirements become incompatibilities when a version that has them is chosen; unit propagation narrows packages; a conflict
 * is resolved backwards to an incompatibility that shows which earlier decision to give up. It finds a solution when there is
 * one and otherwise the derivation that there is none. Nothing here recurses.
 */
export class Solver {
  /** Packages by name in the order in which they were first required. */
  readonly packages = new Map<string, SolverPackage>();
  readonly #universe: Universe;
  readonly #root: Root;
  readonly #solution = new PartialSolution();
  readonly #inOrder: SolverPackage[] = [];
  readonly #changed: SolverPackage[] = [];
  readonly #chosen: SolverPackage[] = [];
  #maxSteps = 0;
  #steps = 0;
  /** No package before this place in `#inOrder` is open. */
  #firstOpen = 0;

  constructor(universe: Universe, root: Root) {
    this.#universe = universe;
    this.#root = root;
  }

  /** Searches; a step is a look at one term of an incompatibility. */
  run(maxSteps: number): SolverResult {
    this.#maxSteps = maxSteps;
    const wanted = [...this.#root.requirements].sort((a, b) => compareText(a.name, b.name) || compareText(a.range, b.range));
    const stated = wanted.map((requirement) => this.#requirement('root', requirement));
    const hopeless = stated.filter(({ terms }) => terms.length === 0);
    if (hopeless.length > 0) return { end: 'impossible', proofs: hopeless };
    let conflict = this.#addAll(stated);
    for (;;) {
      conflict ??= this.#propagate();
      if (this.#steps > maxSteps) return { end: 'too-hard', steps: maxSteps };
      if (conflict) {
        const learned = this.#resolve(conflict);
        if (learned.terms.length === 0) return { end: 'impossible', proofs: [learned] };
        conflict = this.#examine(learned);
      } else if (!this.#decide()) {
        return { end: 'solved' };
      }
    }
  }

  #package(name: string): SolverPackage {
    const known = this.packages.get(name);
    if (known) return known;
    const candidates = this.#universe.versions(name);
    const { locked = {} } = this.#root;
    const made = new SolverPackage(name, this.#inOrder.length, candidates && PackageVersions.of(candidates), Object.hasOwn(locked, name) ? locked[name] : undefined);
    this.packages.set(name, made);
    this.#inOrder.push(made);
    return made;
  }

  /** The incompatibility that a requirement is: whoever requires is chosen, and of the required package something else than it allows. */
  #requirement(by: Term | 'root', { name, range }: Requirement): Incompatibility {
    const of = this.#package(name);
    const matching = of.versions.matching(range);
    const allowed = matching ? both(of.all, matching) : noVersions(of.versions.size);
    const cause: RequirementCause = { by, of, range, allowed, deadEnd: deadEndOf(of, matching === undefined, isNone(allowed)) };
    if (cause.deadEnd) return { terms: by === 'root' ? [] : [by], cause };
    const forbidden = { package: of, set: without(of.all, allowed) };
    if (by === 'root') return { terms: [forbidden], cause };
    if (by.package !== of) return { terms: [by, forbidden], cause };
    const self = { package: of, set: both(by.set, forbidden.set) };
    return { terms: [self], cause };
  }

  /** Adds incompatibilities and looks at them as far as the first conflict, which it gives. */
  #addAll(added: readonly Incompatibility[]): Incompatibility | undefined {
    let conflict: Incompatibility | undefined;
    for (const one of added) {
      if (one.terms.some((term) => isNone(term.set))) continue;
      for (const term of one.terms) term.package.incompatibilities.push(one);
      conflict ??= this.#examine(one);
    }
    return conflict;
  }

  /**
   * Unit propagation: narrows until nothing follows any more; gives an incompatibility of which all terms are true. What was not looked at
   * by then is about packages that were narrowed since the last decision; a conflict undoes that, and narrowing them again leads here again.
   */
  #propagate(): Incompatibility | undefined {
    while (this.#steps <= this.#maxSteps) {
      const changed = this.#changed.pop();
      const chosen = changed ? undefined : this.#chosen.pop();
      if (!changed && !chosen) return undefined;
      const conflict = changed ? this.#examineAll(changed) : chosen?.isChosen ? this.#expand(chosen) : undefined;
      if (conflict) return conflict;
    }
    return undefined;
  }

  #examineAll(of: SolverPackage): Incompatibility | undefined {
    of.changed = false;
    // Newest first: what was learned last cuts most.
    for (let at = of.incompatibilities.length - 1; at >= 0; at -= 1) {
      const conflict = this.#examine(of.incompatibilities[at] as Incompatibility);
      if (conflict) return conflict;
    }
    return undefined;
  }

  /** Adds what the chosen version of a package requires. */
  #expand(of: SolverPackage): Incompatibility | undefined {
    const fresh = of.versions.requirements(firstOf(of.left)).filter((one) => !of.added.has(one));
    for (const one of fresh) of.added.add(one);
    return this.#addAll(fresh.map((one) => this.#requirement({ package: of, set: both(of.all, one.versions) }, one)));
  }

  /** When all terms but one are true, narrows the package of that one; when all are, gives the incompatibility back. */
  #examine(incompatibility: Incompatibility): Incompatibility | undefined {
    this.#steps += incompatibility.terms.length;
    let open: Term | undefined;
    for (const term of incompatibility.terms) {
      const { left } = term.package;
      if (isWithin(left, term.set)) continue;
      if (open !== undefined || areDisjoint(left, term.set)) return undefined;
      open = term;
    }
    if (!open) return incompatibility;
    this.#solution.derive(open.package, without(open.package.left, open.set), incompatibility);
    this.#noteChange(open.package);
    return undefined;
  }

  #noteChange(of: SolverPackage): void {
    this.#firstOpen = Math.min(this.#firstOpen, of.order);
    if (of.isChosen) this.#chosen.push(of);
    if (of.changed) return;
    of.changed = true;
    this.#changed.push(of);
  }

  /**
   * Finds out why a conflict arose: replaces the newest of its true terms by what that followed from, until undoing a decision makes the rest
   * usable; undoes it. Gives the incompatibility to look at next, without terms when there is no solution.
   */
  #resolve(conflict: Incompatibility): Incompatibility {
    let current = conflict;
    while (current.terms.length > 0) {
      const { newest, previousLevel } = this.#satisfiers(current);
      const { cause, level, package: of } = this.#solution.at(newest);
      if (cause === undefined || previousLevel < level) {
        this.#firstOpen = Math.min(this.#firstOpen, this.#solution.backTo(previousLevel));
        for (const term of current.terms) term.package.conflicts += 1;
        if (current !== conflict) for (const term of current.terms) term.package.incompatibilities.push(current);
        return current;
      }
      this.#steps += current.terms.length;
      current = resolvent(current, cause, of);
    }
    return current;
  }

  /** Where in the trail the last term of a conflict became true, and at which level the terms before it were. */
  #satisfiers(conflict: Incompatibility): { newest: number; previousLevel: number } {
    const positions = conflict.terms.map((term) => this.#solution.satisfier(term)).sort((a, b) => b - a);
    const [newest = 0, previous] = positions;
    return { newest, previousLevel: previous === undefined ? 0 : this.#solution.at(previous).level };
  }

  /** Chooses the locked or the newest version of the package that was required first and is open; false when none is. */
  #decide(): boolean {
    let open = this.#inOrder[this.#firstOpen];
    while (open && (!open.isNeeded || open.isChosen)) open = this.#inOrder[(this.#firstOpen += 1)];
    if (!open) return false;
    const { left, locked, versions } = open;
    this.#solution.decide(open, only(versions.size, locked >= 0 && has(left, locked) ? locked : firstOf(left)));
    this.#noteChange(open);
    return true;
  }
}

function deadEndOf(of: SolverPackage, noRange: boolean, nothingAllowed: boolean): DeadEnd | undefined {
  if (noRange) return 'not-a-range';
  if (!of.published) return 'not-found';
  return nothingAllowed ? 'no-match' : undefined;
}
