import type { Incompatibility, RequirementCause, Term } from './incompatibility.ts';
import { isDerived } from './incompatibility.ts';
import type { SolverPackage } from './solver-package.ts';
import { choicesOf, has, without, type VersionSet } from './version-set.ts';

const maxRuns = 3;

/** Texts of strangers, cut so that a sentence stays readable. */
export function short(text: string, max = 80): string {
  const clean = text.replace(/\p{Cc}/gu, ' ');
  return clean.length > max ? `${clean.slice(0, max)}…` : clean;
}

/** Words joined as a sentence does: `a, b and c`. */
export function listed(words: readonly string[], last = 'and'): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}

/** The versions of a set, oldest first, neighbours as `1.0.0 to 1.4.2`; `last` joins the last two. */
export function versionsText(of: SolverPackage, set: VersionSet, last: 'and' | 'or' = 'and'): string {
  const usable = of.usable();
  const runs: { from: number; to: number }[] = [];
  usable.forEach((choice, place) => {
    if (!has(set, choice)) return;
    const run = runs.at(-1);
    if (run && run.to === place - 1) run.to = place;
    else runs.push({ from: place, to: place });
  });
  const text = ({ from, to }: { from: number; to: number }) => {
    const [newest, oldest] = [of.versions.version(usable[from] ?? -1), of.versions.version(usable[to] ?? -1)];
    return from === to ? newest : `${oldest} to ${newest}`;
  };
  const shown = runs.slice(0, maxRuns).reverse().map(text);
  const rest = runs.slice(maxRuns).reduce((sum, { from, to }) => sum + to - from + 1, 0);
  return listed(rest > 0 ? [`${rest} older versions`, ...shown] : shown, last);
}

function isEvery(of: SolverPackage, set: VersionSet): boolean {
  const usable = of.usable();
  return usable.length > 1 && usable.every((choice) => has(set, choice));
}

/** Who does something: `a 1.0.0 to 1.2.0`, `every version of a`. */
function subject({ package: of, set }: Term): string {
  return isEvery(of, set) ? `every version of ${short(of.name)}` : `${short(of.name)} ${versionsText(of, set)}`;
}

/** What is needed: the versions that a term leaves. */
function object({ package: of, set }: Term): string {
  const allowed = without(of.all, set);
  return isEvery(of, allowed) ? `any version of ${short(of.name)}` : `${short(of.name)} ${versionsText(of, allowed, 'or')}`;
}

/** A requirement as a sentence without its full stop; `near` are names like one that nobody published. */
export function requirementText(cause: RequirementCause, near: readonly string[] = []): string {
  const who = cause.by === 'root' ? 'root' : subject(cause.by);
  const name = short(cause.of.name);
  switch (cause.deadEnd) {
    case 'not-found':
      return `${who} requires ${name} ${short(cause.range)}, but nobody has published ${name}${near.length > 0 ? ` (did you mean ${listed(near.map((one) => short(one)), 'or')}?)` : ''}`;
    case 'not-a-range':
      return `${who} requires ${name} "${short(cause.range)}", which is not a version range`;
    case 'no-match':
      return `${who} requires ${name} ${short(cause.range)}, but ${noMatchText(cause)}`;
    default:
      return `${who} requires ${name} ${short(cause.range)}`;
  }
}

function noMatchText({ of, range }: RequirementCause): string {
  const { versions } = of;
  const name = short(of.name);
  const matching = versions.matching(range);
  const yanked = matching ? choicesOf(matching, versions.absence) : [];
  if (yanked.length > 0) return `${name} ${listed(yanked.slice(0, maxRuns).reverse().map((choice) => versions.version(choice)))} ${yanked.length > 1 ? 'were' : 'was'} yanked`;
  const preRelease = versions.preRelease(range);
  if (preRelease !== undefined) return `only pre-releases of ${name} match, such as ${preRelease}, and a range must ask for them`;
  const usable = of.usable();
  return usable.length === 0 ? `${name} has no versions` : `${name} has only ${usable.length === 1 ? '' : 'versions '}${versionsText(of, of.all)}`;
}

/** What an incompatibility says, as a sentence without its full stop. */
export function statement(incompatibility: Incompatibility, near: (cause: RequirementCause) => readonly string[]): string {
  const { cause, terms } = incompatibility;
  if (!isDerived(cause)) return requirementText(cause, near(cause));
  const needed = terms.filter((term) => has(term.set, term.package.versions.absence));
  const used = terms.filter((term) => !needed.includes(term));
  if (terms.length === 0) return 'what root requires cannot be met';
  const objects = listed(needed.map(object), 'or');
  if (used.length === 0) return `root needs ${objects}`;
  if (needed.length > 0) return `${listed(used.map(subject))} ${used.length > 1 ? 'need' : 'needs'} ${objects}`;
  const [first] = used;
  if (used.length > 1 || !first) return `${listed(used.map(subject))} cannot be used together`;
  return isEvery(first.package, first.set) ? `no version of ${short(first.package.name)} can be used` : `${subject(first)} cannot be used`;
}

