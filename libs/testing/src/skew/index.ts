export { contractsOfToday, errorsOfToday } from './contracts-of-today.ts';
export { incompatibilities } from './incompatibilities.ts';
export { releasedFile, schemasOf, type Released, type ReleasedContract } from './released.ts';
export { sampleOf, type JsonSchema } from './sample-of.ts';
