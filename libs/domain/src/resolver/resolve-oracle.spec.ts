import { expect, test } from '@jest/globals';
import { fc } from '@souk/testing/properties';
import semver from 'semver';
import { resolve } from './resolve.ts';
import type { Candidate, Requirement, Root, Universe } from './universe.ts';

/** A universe as plain data: name to candidates. */
type Packages = ReadonlyMap<string, readonly Candidate[]>;
type Choice = ReadonlyMap<string, Candidate>;

const names = ['a', 'b', 'c', 'd', 'e'];
const requirement = fc.record({
  name: fc.constantFrom(...names, ...names, ...names, ...names, 'missing'),
  range: fc.constantFrom('*', '*', '>=1.0.0', '>=1.0.0', '^1.0.0', '^2.0.0', '<2.0.0', '<3.0.0', '1.0.0', '1.1.0 || 2.0.0', '>=1.1.0', '>=2.1.0-beta.1', 'next'),
});
const requirements = (maxLength: number) => fc.array(requirement, { maxLength });
const candidate = fc.record({
  version: fc.constantFrom('1.0.0', '1.1.0', '2.0.0', '2.1.0-beta.1', '3.0.0'),
  requirements: fc.oneof({ weight: 3, arbitrary: requirements(3) }, { weight: 1, arbitrary: fc.constant([]) }),
  yanked: fc.integer({ min: 0, max: 6 }).map((dice) => dice === 0),
});
const packages = fc
  .tuple(...names.map(() => fc.uniqueArray(candidate, { selector: (one) => one.version, minLength: 1, maxLength: 4 })))
  .map((lists): Packages => new Map(names.map((name, at) => [name, lists[at] ?? []])));
const root: fc.Arbitrary<Root> = fc.record({ requirements: fc.array(requirement, { minLength: 1, maxLength: 4 }), locked: fc.dictionary(fc.constantFrom(...names), fc.constantFrom('1.0.0', '1.1.0', '2.0.0')) });

function isMet({ name, range }: Requirement, choice: Choice): boolean {
  const version = choice.get(name)?.version;
  return version !== undefined && semver.validRange(range) !== null && semver.satisfies(version, range);
}

/** Every choice of one version or none per package that meets the root and all that is chosen, found by trying each. */
function allSolutions(all: Packages, { requirements: wanted, locked = {} }: Root): Choice[] {
  let choices: Map<string, Candidate>[] = [new Map()];
  for (const [name, list] of all) {
    const usable = list.filter((one) => one.yanked !== true || locked[name] === one.version);
    choices = choices.flatMap((choice) => [choice, ...usable.map((one) => new Map(choice).set(name, one))]);
  }
  return choices.filter((choice) => wanted.every((one) => isMet(one, choice)) && [...choice.values()].every((chosen) => chosen.requirements.every((one) => isMet(one, choice))));
}

function reachable(choice: Choice, { requirements: wanted }: Root): Set<string> {
  const reached = new Set<string>();
  const open = wanted.map(({ name }) => name);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    for (const one of choice.get(name)?.requirements ?? []) open.push(one.name);
  }
  return reached;
}

/** The order in which a package's versions are preferred: the locked one, then the newest. */
function byPreference(locked: string | undefined): (a: string, b: string) => number {
  return (a, b) => Number(b === locked) - Number(a === locked) || semver.rcompare(a, b);
}

/** Narrows the solutions, package by package of the root in order of name, to those with the version preferred most. */
function preferred(solutions: readonly Choice[], { requirements: wanted, locked = {} }: Root): ReadonlyMap<string, string | undefined> {
  let left = solutions;
  return new Map(
    [...new Set(wanted.map(({ name }) => name))].sort().map((name) => {
      const best = left.map((one) => one.get(name)?.version ?? '').sort(byPreference(locked[name]))[0];
      left = left.filter((one) => one.get(name)?.version === best);
      return [name, best] as const;
    }),
  );
}

test('agrees with trying everything: solvable or not, a valid and minimal answer, the best versions for the root', () => {
  const seen = { solved: 0, impossible: 0, retreated: 0 };
  fc.assert(
    fc.property(packages, root, (all, wanted) => {
      const universe: Universe = { versions: (name) => all.get(name), names: () => all.keys() };
      const solutions = allSolutions(all, wanted);
      const answer = resolve(universe, wanted);
      expect(answer.ok).toBe(solutions.length > 0);
      seen[answer.ok ? 'solved' : 'impossible'] += 1;
      if (!answer.ok) {
        expect(answer.explanation.length).toBeGreaterThan(20);
        expect(answer.details.requirements.length).toBeGreaterThan(0);
        return;
      }
      const chosen: Choice = new Map(Object.entries(answer.packages).map(([name, version]) => [name, all.get(name)?.find((one) => one.version === version) as Candidate]));
      expect(wanted.requirements.every((one) => isMet(one, chosen))).toBe(true);
      for (const [name, { requirements: its, yanked, version }] of chosen) {
        expect(its.every((one) => isMet(one, chosen))).toBe(true);
        expect(yanked !== true || wanted.locked?.[name] === version).toBe(true);
      }
      expect([...chosen.keys()]).toEqual([...reachable(chosen, wanted)].sort());
      const best = preferred(solutions, wanted);
      for (const [name, version] of best) expect(answer.packages[name]).toBe(version);
      const newest = wanted.requirements.some(({ name, range }) => chosen.get(name)?.version !== semver.maxSatisfying((all.get(name) ?? []).map((one) => one.version), range));
      if (newest) seen.retreated += 1;
    }),
    { numRuns: 3000 },
  );
  expect(Math.min(seen.solved, seen.impossible, seen.retreated)).toBeGreaterThan(100);
});

test('gives the same answer, word for word, whatever the order of names, versions and requirements', () => {
  fc.assert(
    fc.property(packages, root, fc.integer(), (all, wanted, seed) => {
      const shuffle = <T>(list: readonly T[]): T[] => fc.sample(fc.shuffledSubarray([...list], { minLength: list.length }), { numRuns: 1, seed })[0] ?? [];
      const shuffled = new Map([...all].map(([name, list]) => [name, shuffle(list).map((one) => ({ ...one, requirements: shuffle(one.requirements) }))]));
      const again: Root = { requirements: shuffle(wanted.requirements), locked: Object.fromEntries(shuffle(Object.entries(wanted.locked ?? {}))) };
      expect(resolve({ versions: (name) => shuffled.get(name) }, again)).toEqual(resolve({ versions: (name) => all.get(name) }, wanted));
    }),
    { numRuns: 1000 },
  );
});

test('what an explanation names is enough to make the question impossible', () => {
  fc.assert(
    fc.property(packages, root, (all, wanted) => {
      const answer = resolve({ versions: (name) => all.get(name) }, wanted);
      if (answer.ok) return;
      const named = answer.details.requirements;
      const relevant = (by: string, { name, range }: Requirement) => named.some((one) => one.by === by && one.name === name && one.range === range);
      const reduced = new Map([...all].map(([name, list]) => [name, list.map((one) => ({ ...one, requirements: one.requirements.filter((its) => relevant(name, its)) }))]));
      expect(allSolutions(reduced, { ...wanted, requirements: wanted.requirements.filter((one) => relevant('root', one)) })).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});
