import { z } from 'zod';
import { contractsOfToday, errorsOfToday } from './contracts-of-today.ts';
import type { JsonSchema } from './sample-of.ts';

/** One contract of a released version: what its readers take, with fields they do not know, and what its writers send. */
export interface ReleasedContract {
  readonly reads: JsonSchema;
  readonly writes: JsonSchema;
}

/** What crossed a process in a released version. */
export interface Released {
  readonly version: string;
  readonly errors: Readonly<Record<string, unknown>>;
  readonly contracts: Readonly<Record<string, ReleasedContract>>;
}

/** The JSON Schemas of one contract. */
export function schemasOf(schema: z.ZodType): ReleasedContract {
  return { reads: z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), writes: z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }) } as unknown as ReleasedContract;
}

/** The contracts of today as the file that is kept of a version: one line each, so that two versions can be compared by eye. */
export function releasedFile(version: string): string {
  const line = (name: string, value: unknown): string => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`;
  const errors = Object.entries(errorsOfToday).map(([code, entry]) => line(code, entry));
  const all = [...contractsOfToday()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, schema]) => line(name, schemasOf(schema)));
  return `{\n  "version": ${JSON.stringify(version)},\n  "errors": {\n${errors.join(',\n')}\n  },\n  "contracts": {\n${all.join(',\n')}\n  }\n}\n`;
}
