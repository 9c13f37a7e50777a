import { defineConfig, serviceConfig, sitePeersConfig, type ConfigOf } from '@souk/nest';

/** What the install service can be told. It keeps nothing: an install is one streaming request. */
export const installConfig = defineConfig({ ...serviceConfig, ...sitePeersConfig });
export type InstallConfig = ConfigOf<typeof installConfig>;
