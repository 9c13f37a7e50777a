import { SharedArray } from 'k6/data';
import { plan, type LoadData } from './plan.ts';

const part = <K extends keyof LoadData>(name: K): LoadData[K] => new SharedArray(name, () => [...(JSON.parse(open(plan.data)) as LoadData)[name]]) as unknown as LoadData[K];

/** What load is made of, kept once for all users. */
export const data: LoadData = { queries: part('queries'), paths: part('paths'), installs: part('installs'), releases: part('releases') };

/** The `at`th of some values, from the start again behind the last one. */
export function turn<T>(values: readonly T[], at: number): T {
  const value = values[at % values.length];
  if (value === undefined) throw new Error('The catalogue gave no data for this.');
  return value;
}
