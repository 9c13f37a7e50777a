import { nearNames } from '../package/near-names.ts';
import { explain } from './explanation.ts';
import { requirementsIn, type Incompatibility, type RequirementCause } from './incompatibility.ts';
import { compareText } from './package-versions.ts';
import type { InvolvedRequirement, Resolution, Resolved, Unresolved } from './resolution.ts';
import { Solver } from './solver.ts';
import type { SolverPackage } from './solver-package.ts';
import { short, versionsText } from './term-text.ts';
import type { Root, Universe } from './universe.ts';
import { both, firstOf, isNone } from './version-set.ts';

/** Limits of one resolution. */
export interface ResolveOptions {
  /** Most steps, each a look at one package in one requirement or conclusion; 20,000,000 when left out, which is under a second. */
  readonly maxSteps?: number;
}

const maxMissing = 5;
const maxInvolved = 100;

/**
 * Chooses one version of every package that the root requires, directly or not. Packages are decided in the order in which they are first
 * required, the root's own first and by name; each gets its locked version if that fits, else the newest, pre-releases only by node-semver's
 * rule, yanked versions only when they are locked. Packages may require each other in a circle: an install is flat, so the order does not matter.
 * Finds a solution whenever there is one, within `maxSteps`; equal input gives an equal answer. Throws nothing for what packages say.
 */
export function resolve(universe: Universe, root: Root, options: ResolveOptions = {}): Resolution {
  const solver = new Solver(universe, root);
  const result = solver.run(options.maxSteps ?? 20_000_000);
  if (result.end === 'solved') return closure(solver.packages, root);
  if (result.end === 'too-hard') return tooHard(solver.packages, result.steps);
  return unresolved(result.proofs, universe);
}

function closure(packages: ReadonlyMap<string, SolverPackage>, root: Root): Resolved {
  const reached = new Map<string, string>();
  const open = root.requirements.map(({ name }) => name);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const found = packages.get(name);
    if (reached.has(name) || !found) continue;
    const choice = firstOf(found.left);
    reached.set(name, found.versions.version(choice));
    for (const requirement of found.versions.requirements(choice)) open.push(requirement.name);
  }
  return { ok: true, packages: Object.fromEntries([...reached].sort(([a], [b]) => compareText(a, b))) };
}

function tooHard(packages: ReadonlyMap<string, SolverPackage>, steps: number): Unresolved {
  const hardest = [...packages.values()]
    .filter((one) => one.conflicts > 0)
    .sort((a, b) => b.conflicts - a.conflicts || compareText(a.name, b.name))
    .slice(0, 3)
    .map((one) => one.name);
  const where = hardest.length > 0 ? ` Most conflicts were about ${hardest.map((name) => short(name)).join(', ')}.` : '';
  return { ok: false, code: 'RESOLUTION_TOO_HARD', explanation: `Gave up after ${steps} steps without knowing whether the requirements can be met.${where}`, details: { requirements: [], hardest } };
}

function unresolved(proofs: readonly Incompatibility[], universe: Universe): Unresolved {
  const causes = requirementsIn(proofs);
  const missing = new Set(causes.filter(({ deadEnd }) => deadEnd === 'not-found').map(({ of }) => of.name));
  const near = new Map([...missing].slice(0, maxMissing).map((name) => [name, nearNames(name, universe.names?.() ?? [])]));
  const nearOf = (cause: RequirementCause) => (cause.deadEnd === 'not-found' ? (near.get(cause.of.name) ?? []) : []);
  return {
    ok: false,
    code: missing.size > 0 && onlyMissing(causes) ? 'PACKAGE_NOT_FOUND' : 'UNSATISFIABLE',
    explanation: explain(proofs, nearOf),
    details: { requirements: causes.slice(0, maxInvolved).map((cause) => involved(cause, nearOf(cause))) },
  };
}

/** Whether missing packages alone are in the way: no other dead end, and no package of which different versions are required. */
function onlyMissing(causes: readonly RequirementCause[]): boolean {
  const agreed = new Map<SolverPackage, RequirementCause['allowed']>();
  for (const { of, allowed, deadEnd } of causes) {
    if (deadEnd === 'not-found') continue;
    const common = both(agreed.get(of) ?? of.all, allowed);
    if (deadEnd !== undefined || isNone(common)) return false;
    agreed.set(of, common);
  }
  return true;
}

function involved({ by, of, range, deadEnd }: RequirementCause, near: readonly string[]): InvolvedRequirement {
  return {
    ...(by === 'root' ? { by: 'root' } : { by: by.package.name, versions: versionsText(by.package, by.set) }),
    name: of.name,
    range: short(range, 200),
    ...(deadEnd ? { deadEnd } : {}),
    ...(near.length > 0 ? { near } : {}),
  };
}
