import type { Scenario } from './runner/scenario.ts';

/** Every scenario, in the order in which they run. */
export const registry: readonly Scenario[] = [];
