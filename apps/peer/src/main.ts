import { bootstrap, loadConfig, runMain, serviceOptions } from '@souk/nest';
import { peerConfig, PeerModule } from './peer.module.ts';

await runMain((env) => {
  const config = loadConfig(peerConfig, env);
  return bootstrap(PeerModule.with(config), serviceOptions('peer', config));
});
