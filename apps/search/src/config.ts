import { defineConfig, serviceConfig, sitePeersConfig, type ConfigOf } from '@souk/nest';

/** What the search service can be told. The index is a projection in memory and has no folder. */
export const searchConfig = defineConfig({ ...serviceConfig, ...sitePeersConfig });
export type SearchConfig = ConfigOf<typeof searchConfig>;
