/** What Souk wants to reach under load on a quiet machine with two cores, k6 on it too: a goal of its own, beyond the targets. */
export interface LoadGoal {
  /** Fewest packages of the catalogue from which on the goal counts. */
  readonly fromPackages: number;
  /** Searches per second at least. */
  readonly searchesPerSecond: number;
  /** p95 of a search at that rate at most, in milliseconds. */
  readonly p95Ms: number;
}

/** The goals of the scenario `load`, by the size of the catalogue, smallest first. */
export const loadGoals: readonly LoadGoal[] = [
  { fromPackages: 0, searchesPerSecond: 1500, p95Ms: 20 },
  { fromPackages: 10_000, searchesPerSecond: 300, p95Ms: 20 },
];

/** The goal for a catalogue of so many packages. */
export function loadGoalFor(packages: number): LoadGoal | undefined {
  return loadGoals.findLast(({ fromPackages }) => packages >= fromPackages);
}
