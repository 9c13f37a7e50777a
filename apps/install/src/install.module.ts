import { Module, type DynamicModule } from '@nestjs/common';
import { PeerReads } from '@souk/nest';
import { InstallController } from './install.controller.ts';
import { Installer } from './installer.ts';
import { Resolver } from './resolver.ts';
import type { InstallConfig } from './config.ts';

export { installConfig, type InstallConfig } from './config.ts';

/** The install service. */
@Module({})
export class InstallModule {
  /** Wires the service. */
  static with(config: InstallConfig): DynamicModule {
    return { module: InstallModule, controllers: [InstallController], providers: [PeerReads.provider(config.peers), Resolver, Installer] };
  }
}
