import { bootstrap, loadConfig, runMain, serviceOptions } from '@souk/nest';
import { searchConfig, SearchModule } from './search.module.ts';

await runMain((env) => {
  const config = loadConfig(searchConfig, env);
  return bootstrap(SearchModule.with(config), serviceOptions('search', config));
});
