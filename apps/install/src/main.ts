import { bootstrap, loadConfig, runMain, serviceOptions } from '@souk/nest';
import { installConfig, InstallModule } from './install.module.ts';

await runMain((env) => {
  const config = loadConfig(installConfig, env);
  return bootstrap(InstallModule.with(config), serviceOptions('install', config));
});
