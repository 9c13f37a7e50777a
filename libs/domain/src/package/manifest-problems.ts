import { SoukError } from '../errors/souk-error.ts';

/** One thing that is wrong in a package.json. */
export interface ManifestProblem {
  /** Dotted path of the field, e.g. `dependencies.chalk`. */
  readonly field: string;
  /** What it is and what it should be, as the end of a sentence that begins with the field. */
  readonly problem: string;
}

const maxShown = 20;
const maxKept = 100;

/** A short form of a wrong value: texts, numbers and the like as JSON, larger things by their type. */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'string' ? JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value) : String(value);
}

/** Collects what is wrong in a package.json, so that the author sees everything at once. */
export class ManifestProblems {
  readonly #problems: ManifestProblem[] = [];

  /** Reports that a field's value is not what it should be. */
  wrong(field: string, value: unknown, should: string): undefined {
    return this.add(field, `is ${shown(value)} but should be ${should}`);
  }

  /** Reports a problem in its own words. */
  add(field: string, problem: string): undefined {
    if (this.#problems.length < maxKept) this.#problems.push({ field, problem });
    return undefined;
  }

  /** Whether anything was reported. */
  get any(): boolean {
    return this.#problems.length > 0;
  }

  /** Throws BAD_MANIFEST with all problems when there are any. */
  throwIfAny(): void {
    if (this.#problems.length === 0) return;
    const lines = this.#problems.slice(0, maxShown).map(({ field, problem }) => `"${field}" ${problem}`);
    const more = this.#problems.length - lines.length;
    const text = lines.join('; ') + (more > 0 ? `; and ${more} more` : '');
    throw new SoukError('BAD_MANIFEST', `package.json can't be published: ${text}.`, {
      hint: this.#problems.some(({ field }) => field === 'private') ? 'Remove "private" from package.json if it is meant to be published.' : 'Correct package.json and publish again.',
      details: { problems: [...this.#problems] },
    });
  }
}
