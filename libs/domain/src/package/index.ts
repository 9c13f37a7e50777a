export * from './kind.ts';
export * from './manifest.ts';
export * from './manifest-requirements.ts';
export * from './near-names.ts';
export * from './version-not-found.ts';
export { isDependencyName } from './manifest-dependencies.ts';
export type { ManifestProblem } from './manifest-problems.ts';
export { parseStrictJson, type StrictJsonLimits } from './strict-json.ts';
