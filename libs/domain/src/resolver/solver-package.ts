import type { Incompatibility } from './incompatibility.ts';
import { PackageVersions, type SharedRequirement } from './package-versions.ts';
import { addChoices, choicesOf, has, isSingle, noVersions, type VersionSet } from './version-set.ts';

/** What a solver knows of one package during one resolution. */
export class SolverPackage {
  readonly name: string;
  /** Its place in the order in which packages were first required. */
  readonly order: number;
  readonly versions: PackageVersions;
  /** Whether anybody published it. */
  readonly published: boolean;
  /** The choice that is locked, -1 for none. */
  readonly locked: number;
  /** All choices it began with: its absence, and its versions but for yanked ones that are not locked. */
  readonly all: VersionSet;
  /** The choices that are left. */
  left: VersionSet;
  /** Incompatibilities that have a term about it. */
  readonly incompatibilities: Incompatibility[] = [];
  /** Positions in the trail of the assignments that narrowed it, in order. */
  readonly narrowedAt: number[] = [];
  /** Requirements of its versions that are incompatibilities already. */
  readonly added = new Set<SharedRequirement>();
  /** Whether it waits for its incompatibilities to be looked at. */
  changed = false;
  /** In how many conflicts it took part. */
  conflicts = 0;

  constructor(name: string, order: number, versions: PackageVersions | undefined, lockedVersion: string | undefined) {
    this.name = name;
    this.order = order;
    this.published = versions !== undefined;
    this.versions = versions ?? new PackageVersions([]);
    const { candidates, size, absence } = this.versions;
    this.locked = lockedVersion === undefined ? -1 : candidates.findIndex((one) => one.version === lockedVersion);
    const all = noVersions(size);
    addChoices(all, absence, size);
    candidates.forEach((one, choice) => {
      if (one.yanked !== true || choice === this.locked) addChoices(all, choice, choice + 1);
    });
    this.all = all;
    this.left = all;
  }

  /** Whether it can no longer be absent. */
  get isNeeded(): boolean {
    return !has(this.left, this.versions.absence);
  }

  /** Whether one version is all that is left. */
  get isChosen(): boolean {
    return this.isNeeded && isSingle(this.left);
  }

  /** Its versions that may be chosen at all, newest first. */
  usable(): number[] {
    return choicesOf(this.all, this.versions.absence);
  }
}
