import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { Rpc } from '@souk/nest';
import { ArchiveReader } from './archive-reader.ts';
import { BlobClient } from './blob-client.ts';
import { BlobsController } from './blobs.controller.ts';
import { requireSafeExposure } from './exposure.ts';
import { InstallsController } from './installs.controller.ts';
import { NetworkController } from './network.controller.ts';
import { PackageReader } from './package-reader.ts';
import { PackagesController } from './packages.controller.ts';
import { RecordsController } from './records.controller.ts';
import { SearchController } from './search.controller.ts';
import { gatewaySettings } from './settings.ts';
import { StorageController } from './storage.controller.ts';
import { SiteToken, TokenGuard } from './token.guard.ts';
import type { GatewayConfig } from './config.ts';

export { gatewayConfig, type GatewayConfig } from './config.ts';
export { gatewayHttp } from './http-edge.ts';

/** The gateway. */
@Module({})
export class GatewayModule {
  /** Wires the gateway. Throws BAD_CONFIG when it would be open to a network without a token. */
  static with(config: GatewayConfig): DynamicModule {
    requireSafeExposure(config);
    return {
      module: GatewayModule,
      controllers: [BlobsController, RecordsController, SearchController, PackagesController, InstallsController, NetworkController, StorageController],
      providers: [
        PackageReader,
        { provide: gatewaySettings, useValue: config },
        { provide: BlobClient, inject: [Rpc], useFactory: (rpc: Rpc) => new BlobClient(rpc, config.siteSecret) },
        { provide: ArchiveReader, inject: [BlobClient], useFactory: (blobs: BlobClient) => new ArchiveReader(blobs, config.maxBlob) },
        { provide: APP_GUARD, useValue: new TokenGuard(new SiteToken(config.token)) },
      ],
    };
  }
}
