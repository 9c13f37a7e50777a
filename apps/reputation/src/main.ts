import { bootstrap, loadConfig, runMain, serviceOptions } from '@souk/nest';
import { reputationConfig, ReputationModule } from './reputation.module.ts';

await runMain((env) => {
  const config = loadConfig(reputationConfig, env);
  return bootstrap(ReputationModule.with(config), serviceOptions('reputation', config));
});
