import semver from 'semver';
import { isRange } from '../id/version.ts';
import { BoundedCache } from './bounded-cache.ts';
import type { Candidate, Requirement } from './universe.ts';
import { addChoices, noVersions, type VersionSet } from './version-set.ts';

/** A requirement and all versions of its package that have it, word for word. */
export interface SharedRequirement extends Requirement {
  /** The versions; never the absence. */
  readonly versions: VersionSet;
}

/** Parsing is what costs most in a resolution, so what was parsed is kept: ranges by text, versions by list. */
const ranges = new BoundedCache<string, semver.Range | false>(5000);
const lists = new BoundedCache<readonly Candidate[], PackageVersions>(4096);
const maxRangesPerList = 500;

/** The parsed range; false for a text that is no range. */
function parsedRange(text: string): semver.Range | false {
  return ranges.get(text, (range) => isRange(range) && new semver.Range(range));
}

/** The versions of one package, newest first, with what a resolution asks of them. */
export class PackageVersions {
  readonly candidates: readonly Candidate[];
  /** How many choices there are: the versions and, last, the package's absence. */
  readonly size: number;
  readonly #versions: readonly semver.SemVer[];
  readonly #matching = new Map<string, VersionSet | undefined>();
  #requirements: readonly (readonly SharedRequirement[])[] | undefined;

  constructor(candidates: readonly Candidate[]) {
    const parsed = candidates.flatMap((candidate) => {
      const version = semver.parse(candidate.version);
      return version === null ? [] : [{ candidate, version }];
    });
    parsed.sort((a, b) => b.version.compare(a.version));
    const unique = parsed.filter((one, at) => at === 0 || parsed[at - 1]?.version.compare(one.version) !== 0);
    this.candidates = unique.map((one) => one.candidate);
    this.#versions = unique.map((one) => one.version);
    this.size = unique.length + 1;
  }

  /** The versions of a list that the universe gave out, kept for as long as the list is in use. */
  static of(candidates: readonly Candidate[]): PackageVersions {
    return lists.get(candidates, (list) => new PackageVersions(list));
  }

  /** The choice that stands for the package's absence. */
  get absence(): number {
    return this.size - 1;
  }

  /** The version of a choice. */
  version(choice: number): string {
    return this.candidates[choice]?.version ?? 'none';
  }

  /** The versions in a range by node-semver's rule, pre-releases included only where the range names one of them; undefined for a text that is no range. */
  matching(range: string): VersionSet | undefined {
    if (!this.#matching.has(range)) {
      if (this.#matching.size >= maxRangesPerList) this.#matching.clear();
      const parsed = parsedRange(range);
      this.#matching.set(range, parsed ? this.#inRange(parsed) : undefined);
    }
    return this.#matching.get(range);
  }

  /** The newest pre-release that a range would match if it asked for pre-releases. */
  preRelease(range: string): string | undefined {
    return this.#versions.find((version) => version.prerelease.length > 0 && semver.satisfies(version, range, { includePrerelease: true }))?.version;
  }

  /** What a version requires, in order of name and range. */
  requirements(choice: number): readonly SharedRequirement[] {
    this.#requirements ??= this.#sharedRequirements();
    return this.#requirements[choice] ?? [];
  }

  #inRange(range: semver.Range): VersionSet {
    const set = noVersions(this.size);
    for (const comparators of range.set) {
      const [from, to] = this.#span(comparators);
      const wantsPreRelease = comparators.some((one) => (one.semver.prerelease?.length ?? 0) > 0);
      for (let choice = from; choice < to; choice += 1) {
        const version = this.#versions[choice] as semver.SemVer;
        if (version.prerelease.length === 0 || (wantsPreRelease && range.test(version))) addChoices(set, choice, choice + 1);
      }
    }
    return set;
  }

  /** The choices between the bounds that one alternative of a range sets; a pre-release among them may still not be asked for. */
  #span(comparators: readonly semver.Comparator[]): readonly [number, number] {
    let from = 0;
    let to = this.#versions.length;
    for (const { operator, semver: bound } of comparators) {
      // `*` is a comparator without a version.
      if (!(bound instanceof semver.SemVer)) continue;
      const newer = this.#countWhere((order) => order > 0, bound);
      const notOlder = this.#countWhere((order) => order >= 0, bound);
      if (operator === '>') to = Math.min(to, newer);
      else if (operator === '>=') to = Math.min(to, notOlder);
      else if (operator === '<=') from = Math.max(from, newer);
      else if (operator === '<') from = Math.max(from, notOlder);
      else [from, to] = [Math.max(from, newer), Math.min(to, notOlder)];
    }
    return [from, to];
  }

  /** How many of the newest versions stand in an order to a bound that only they can have. */
  #countWhere(holds: (order: number) => boolean, bound: semver.SemVer): number {
    let low = 0;
    let high = this.#versions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (holds((this.#versions[middle] as semver.SemVer).compare(bound))) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #sharedRequirements(): (readonly SharedRequirement[])[] {
    const byName = new Map<string, Map<string, SharedRequirement>>();
    return this.candidates.map(({ requirements }, choice) => {
      const shared = requirements.map(({ name, range }) => {
        const byRange = byName.get(name) ?? new Map<string, SharedRequirement>();
        byName.set(name, byRange);
        const one = byRange.get(range) ?? { name, range, versions: noVersions(this.size) };
        byRange.set(range, one);
        addChoices(one.versions, choice, choice + 1);
        return one;
      });
      return shared.sort((a, b) => compareText(a.name, b.name) || compareText(a.range, b.range));
    });
  }
}

/** Order by UTF-16 code units. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
