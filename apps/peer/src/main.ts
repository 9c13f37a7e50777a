import { bootstrap, loadConfig, runMain, serviceOptions } from '@souk/nest';
import { peerConfig, peerHttp, PeerModule } from './peer.module.ts';

await runMain((env) => {
  const config = loadConfig(peerConfig, env);
  const options = serviceOptions('peer', config);
  return bootstrap(PeerModule.with(config), { ...options, http: { ...options.http, ...peerHttp } });
});
