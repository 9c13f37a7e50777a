import type { Incompatibility, Term } from './incompatibility.ts';
import type { SolverPackage } from './solver-package.ts';
import { isWithin, type VersionSet } from './version-set.ts';

/** One step: the choices of a package were narrowed, by a decision (no cause) or because an incompatibility left nothing else. */
export interface Assignment {
  readonly package: SolverPackage;
  readonly before: VersionSet;
  readonly after: VersionSet;
  /** How many decisions had been made, this one included. */
  readonly level: number;
  readonly cause?: Incompatibility;
}

/** The assignments made so far, in order; going back undoes them in reverse. */
export class PartialSolution {
  readonly #trail: Assignment[] = [];
  #level = 0;

  /** Chooses one version of a package for now. */
  decide(of: SolverPackage, set: VersionSet): void {
    this.#level += 1;
    this.#assign({ package: of, before: of.left, after: set, level: this.#level });
  }

  /** Narrows a package as an incompatibility demands. */
  derive(of: SolverPackage, set: VersionSet, cause: Incompatibility): void {
    this.#assign({ package: of, before: of.left, after: set, level: this.#level, cause });
  }

  #assign(assignment: Assignment): void {
    assignment.package.left = assignment.after;
    assignment.package.narrowedAt.push(this.#trail.length);
    this.#trail.push(assignment);
  }

  /** Undoes everything above a level; gives the least order of the packages that have more choices again. */
  backTo(level: number): number {
    let least = Infinity;
    for (let last = this.#trail.at(-1); last !== undefined && last.level > level; last = this.#trail.at(-1)) {
      last.package.left = last.before;
      least = Math.min(least, last.package.order);
      last.package.narrowedAt.pop();
      this.#trail.pop();
    }
    this.#level = level;
    return least;
  }

  /** The assignment at a position of the trail. */
  at(position: number): Assignment {
    return this.#trail[position] as Assignment;
  }

  /** Position of the assignment that made a term true; the term is true now. Sets only shrink, so the positions can be halved. */
  satisfier(term: Term): number {
    const positions = term.package.narrowedAt;
    let low = 0;
    let high = positions.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isWithin(this.at(positions[middle] as number).after, term.set)) high = middle;
      else low = middle + 1;
    }
    return positions[low] as number;
  }
}
