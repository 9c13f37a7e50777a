import { makeInvite, readSelf } from '@souk/contracts';
import { gatewayHttp, GatewayModule } from '@souk/gateway/module';
import { InstallModule } from '@souk/install/module';
import { Rpc, type RunningService, type SiteAddress } from '@souk/nest';
import { peerHttp, PeerModule } from '@souk/peer/module';
import { ReputationModule } from '@souk/reputation/module';
import { SearchModule } from '@souk/search/module';
import type { SiteSettings } from './config.ts';
import { RunningServices } from './running-services.ts';

/** A site that runs. */
export interface RunningSite extends SiteAddress {
  /** Stops gracefully: the edge first, the peer with its stores last. */
  close(): Promise<void>;
}

async function startAll(services: RunningServices, settings: SiteSettings): Promise<RunningService> {
  await services.start('peer', PeerModule.with(settings.peer), peerHttp);
  await Promise.all([
    services.start('search', SearchModule.with(settings.search)),
    services.start('reputation', ReputationModule.with(settings.reputation)),
    services.start('install', InstallModule.with(settings.install)),
  ]);
  return services.start('gateway', GatewayModule.with(settings.gateway), gatewayHttp(settings.gateway));
}

async function addressOf(gateway: RunningService): Promise<SiteAddress> {
  const rpc = gateway.app.get(Rpc);
  const { peerId, status } = await rpc.call(readSelf, {});
  const { invite } = await rpc.call(makeInvite, {});
  return { url: gateway.url, peerId, multiaddrs: status.multiaddrs, invite };
}

/** Starts every service of a site in this process and waits until all do their work. Throws what a service could not start with; then nothing runs. */
export async function startSite(settings: SiteSettings): Promise<RunningSite> {
  const services = new RunningServices(settings.gateway.logLevel, settings.gateway);
  try {
    const gateway = await startAll(services, settings);
    await services.ready();
    return { ...(await addressOf(gateway)), close: () => services.close() };
  } catch (error) {
    await services.close();
    throw error;
  }
}
