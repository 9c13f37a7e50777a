import { availability, objectives } from './objectives.ts';
import type { Journey } from './objective.ts';

/** Where the figures of a journey lie in a load test: the names of the metrics of k6/, narrowed down by tags. */
export interface JourneySeries {
  /** Milliseconds that it took. */
  readonly took: string;
  /** Share of those that failed. */
  readonly failed: string;
}

/** Thresholds in k6's words that hold where the targets hold: p95 of each journey, and the objective of availability. */
export function loadThresholds(journeys: readonly Journey[], seriesOf: (journey: Journey) => JourneySeries): Record<string, string[]> {
  const all: Record<string, string[]> = {};
  for (const journey of journeys) {
    const objective = objectives.find((one) => one.journey === journey);
    const { took, failed } = seriesOf(journey);
    if (objective) all[took] = [`p(95)<${Math.round(objective.target * 1000)}`];
    all[failed] = [`rate<${Number((1 - availability.objective).toFixed(6))}`];
  }
  return all;
}
