import { SoukError } from '../errors/souk-error.ts';

/** A requirement that takes part in why there is no solution. */
export interface InvolvedRequirement {
  /** The package that requires; `root` otherwise. */
  readonly by: string;
  /** The versions of `by` that require it, as in `1.0.0 to 1.4.2`; not there for the root. */
  readonly versions?: string;
  readonly name: string;
  readonly range: string;
  /** Why nothing can meet it, if that is so. */
  readonly deadEnd?: 'not-found' | 'no-match' | 'not-a-range';
  /** Published names like one that nobody published. */
  readonly near?: readonly string[];
}

/** A choice of one version for each package that is required, from the root on; nothing superfluous. Names are in order. */
export interface Resolved {
  readonly ok: true;
  readonly packages: Readonly<Record<string, string>>;
}

/** Why there is no such choice, or why none was found. */
export interface Unresolved {
  readonly ok: false;
  /** PACKAGE_NOT_FOUND when nothing but missing packages is in the way; RESOLUTION_TOO_HARD when the search was given up. */
  readonly code: 'UNSATISFIABLE' | 'PACKAGE_NOT_FOUND' | 'RESOLUTION_TOO_HARD';
  /** Sentences for people, one a line. */
  readonly explanation: string;
  readonly details: {
    /** What the explanation follows from; at most 100. */
    readonly requirements: readonly InvolvedRequirement[];
    /** For RESOLUTION_TOO_HARD: the packages that were in most conflicts, worst first. */
    readonly hardest?: readonly string[];
  };
}

/** What came of a resolution. */
export type Resolution = Resolved | Unresolved;

const hints = {
  UNSATISFIABLE: 'Loosen a range that the explanation names, or ask one of the publishers for a release that fits.',
  PACKAGE_NOT_FOUND: 'Check the name, and that this site follows its publisher.',
  RESOLUTION_TOO_HARD: 'Name narrower ranges for the packages with most conflicts.',
} as const;

/** The error that an unresolved resolution is, for callers that throw. */
export function resolutionError({ code, explanation, details }: Unresolved): SoukError {
  return new SoukError(code, explanation, { hint: hints[code], details: { ...details } });
}
