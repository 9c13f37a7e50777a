import { defineConfig, serviceConfig, type ConfigOf } from '@souk/nest';

/** What the install service can be told. It keeps nothing: an install is one streaming request. */
export const installConfig = defineConfig({ ...serviceConfig });
export type InstallConfig = ConfigOf<typeof installConfig>;
