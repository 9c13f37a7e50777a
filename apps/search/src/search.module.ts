import { Module, type DynamicModule } from '@nestjs/common';
import { Follower, Log, Metrics, PeerReads, Readiness } from '@souk/nest';
import { followCatalogue } from './catalogue-follower.ts';
import { NetworkIndex } from './network-index.ts';
import { SearchController } from './search.controller.ts';
import { SearchIndex } from './search-index.ts';
import type { SearchConfig } from './config.ts';

export { searchConfig, type SearchConfig } from './config.ts';

/** The search service. */
@Module({})
export class SearchModule {
  /** Wires the service. */
  static with(config: SearchConfig): DynamicModule {
    return {
      module: SearchModule,
      controllers: [SearchController],
      providers: [
        SearchIndex,
        PeerReads.provider(config.peers),
        { provide: NetworkIndex, inject: [SearchIndex, PeerReads, Log], useFactory: (index: SearchIndex, peers: PeerReads, log: Log) => new NetworkIndex({ index, peers, log, follow: config.follow }) },
        { provide: Follower, inject: [SearchIndex, PeerReads, Readiness, Log, Metrics], useFactory: followCatalogue },
      ],
    };
  }
}
