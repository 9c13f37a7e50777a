import { defineConfig, serviceConfig, sitePeersConfig, type ConfigOf } from '@souk/nest';
import { z } from 'zod';

/** What the search service can be told. The index is a projection in memory and has no folder. */
export const searchConfig = defineConfig({
  ...serviceConfig,
  ...sitePeersConfig,
  follow: { env: 'SOUK_FOLLOW', schema: z.enum(['all', 'list'], 'expected all or list'), default: 'all', help: 'Whether the peers of this site follow all logs or a list; of a list, super-peers are asked for what the index does not have.' },
});
export type SearchConfig = ConfigOf<typeof searchConfig>;
