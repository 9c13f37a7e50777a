import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { Log, PeerReads, Readiness, Rpc } from '@souk/nest';
import { Access, OperatorToken } from './access/access.ts';
import { AccessGuard } from './access/access.guard.ts';
import { AccountsController } from './access/accounts.controller.ts';
import { SiteFollower } from './access/site-follower.ts';
import { SiteNewsController } from './access/site-news.controller.ts';
import { SitePolicyController } from './access/site-policy.controller.ts';
import { SiteWriter } from './access/site-writer.ts';
import { ArchiveReader } from './archive-reader.ts';
import { BlobClient } from './blob-client.ts';
import { BlobsController } from './blobs.controller.ts';
import { CatalogueChanges } from './changes/catalogue-changes.ts';
import { ChangesController } from './changes/changes.controller.ts';
import { requireSafeExposure } from './exposure.ts';
import { InstallsController } from './installs.controller.ts';
import { NetworkController } from './network.controller.ts';
import { PackageReader } from './package-reader.ts';
import { PackagesController } from './packages.controller.ts';
import { RecordsController } from './records.controller.ts';
import { SearchController } from './search.controller.ts';
import { gatewaySettings } from './settings.ts';
import { StaleNote } from './stale-note.ts';
import { StorageController } from './storage.controller.ts';
import type { GatewayConfig } from './config.ts';

export { gatewayConfig, type GatewayConfig } from './config.ts';
export { gatewayHttp } from './http-edge.ts';

function siteFollower(peers: PeerReads, readiness: Readiness, log: Log): SiteFollower {
  const follower = new SiteFollower({ rpc: peers, condition: readiness.condition('site log read'), log });
  follower.start();
  return follower;
}

/** The gateway. */
@Module({})
export class GatewayModule {
  /** Wires the gateway. Throws BAD_CONFIG when it would be open to a network without a token. */
  static with(config: GatewayConfig): DynamicModule {
    requireSafeExposure(config);
    return {
      module: GatewayModule,
      controllers: [AccountsController, ChangesController, SiteNewsController, SitePolicyController, BlobsController, RecordsController, SearchController, PackagesController, InstallsController, NetworkController, StorageController],
      providers: [
        PackageReader,
        PeerReads.provider(config.peers),
        { provide: StaleNote, inject: [PeerReads], useFactory: (peers: PeerReads) => new StaleNote(peers) },
        { provide: CatalogueChanges, inject: [PeerReads], useFactory: (peers: PeerReads) => new CatalogueChanges(peers) },
        { provide: gatewaySettings, useValue: config },
        { provide: BlobClient, inject: [Rpc, PeerReads], useFactory: (rpc: Rpc, peers: PeerReads) => new BlobClient(rpc, peers, config.siteSecret) },
        { provide: ArchiveReader, inject: [BlobClient], useFactory: (blobs: BlobClient) => new ArchiveReader(blobs, config.maxBlob) },
        { provide: SiteFollower, inject: [PeerReads, Readiness, Log], useFactory: siteFollower },
        { provide: SiteWriter, inject: [Rpc, SiteFollower], useFactory: (rpc: Rpc, site: SiteFollower) => new SiteWriter(rpc, site) },
        { provide: Access, inject: [SiteFollower], useFactory: (site: SiteFollower) => new Access(new OperatorToken(config.token), site) },
        { provide: APP_GUARD, inject: [Access], useFactory: (access: Access) => new AccessGuard(access) },
      ],
    };
  }
}
