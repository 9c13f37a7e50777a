import { defineConfig, serviceConfig, sitePeersConfig, type ConfigOf } from '@souk/nest';

/** What the reputation service can be told. Scores are a projection of the peer's observations and have no folder. */
export const reputationConfig = defineConfig({ ...serviceConfig, ...sitePeersConfig });
export type ReputationConfig = ConfigOf<typeof reputationConfig>;
