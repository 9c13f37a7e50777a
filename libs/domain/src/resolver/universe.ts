/** What a root or a candidate asks for: one version of `name` in `range`. */
export interface Requirement {
  readonly name: string;
  /** A range in node-semver's grammar; any other text makes the requirement impossible to meet, with an explanation. */
  readonly range: string;
}

/** One published version that may be chosen. */
export interface Candidate {
  /** Semantic version without build metadata. */
  readonly version: string;
  readonly requirements: readonly Requirement[];
  /** Withdrawn by its publisher: chosen only when it is locked. */
  readonly yanked?: boolean;
}

/** All packages that may be chosen from. Answers stay the same during a resolution. */
export interface Universe {
  /**
   * The versions of a package in any order; undefined when nobody published it. A list that was given out must never be changed: what is
   * computed from it is kept as long as the list itself. Versions that changed are another list.
   */
  versions(name: string): readonly Candidate[] | undefined;
  /** All names, for "did you mean"; without it missing names are explained without suggestions. */
  names?(): Iterable<string>;
}

/** What the resolution starts from. */
export interface Root {
  readonly requirements: readonly Requirement[];
  /** Versions by name that are kept where they still fit, yanked ones too. */
  readonly locked?: Readonly<Record<string, string>>;
}
