export { seededRandom } from './seeded-random.ts';
export { troubled, type Receiving, type Trouble } from './troubled.ts';
