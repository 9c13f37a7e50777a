import { bootstrap, loadConfig, runMain, serviceOptions } from '@souk/nest';
import { gatewayConfig, gatewayHttp, GatewayModule } from './gateway.module.ts';

await runMain((env) => {
  const config = loadConfig(gatewayConfig, env);
  return bootstrap(GatewayModule.with(config), { ...serviceOptions('gateway', config), http: gatewayHttp(config) });
});
