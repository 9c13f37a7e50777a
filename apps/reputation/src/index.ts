export { ReputationModule, reputationConfig, type ReputationConfig } from './reputation.module.ts';
