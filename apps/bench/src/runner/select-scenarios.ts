import { posix } from 'node:path';
import { SoukError } from '@souk/domain';
import type { Scenario } from './scenario.ts';

/**
 * The scenarios whose names match one of the globs (`first/*`, `search/{tag,fuzzy}/*`), in the registry's order; all of them without globs. A scenario that serves several names is chosen by any of them.
 * Throws BAD_REQUEST for a glob that matches nothing: a run of nothing must not look like a good one.
 */
export function selectScenarios(scenarios: readonly Scenario[], globs: readonly string[]): readonly Scenario[] {
  const matches = (name: string, glob: string): boolean => posix.matchesGlob(name, glob);
  const namesOf = (scenario: Scenario): readonly string[] => [scenario.name, ...('alsoCalled' in scenario ? (scenario.alsoCalled ?? []) : [])];
  const idle = globs.find((glob) => !scenarios.some((scenario) => namesOf(scenario).some((name) => matches(name, glob))));
  if (idle !== undefined) throw new SoukError('BAD_REQUEST', `No scenario matches ${idle}.`, { hint: `There are: ${scenarios.map(({ name }) => name).join(', ')}.` });
  return globs.length === 0 ? scenarios : scenarios.filter((scenario) => namesOf(scenario).some((name) => globs.some((glob) => matches(name, glob))));
}
