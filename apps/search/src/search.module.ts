import { Module, type DynamicModule } from '@nestjs/common';
import { Follower, Log, Readiness, Rpc } from '@souk/nest';
import { followCatalogue } from './catalogue-follower.ts';
import { SearchController } from './search.controller.ts';
import { SearchIndex } from './search-index.ts';
import type { SearchConfig } from './config.ts';

export { searchConfig, type SearchConfig } from './config.ts';

/** The search service. */
@Module({})
export class SearchModule {
  /** Wires the service. */
  static with(_config: SearchConfig): DynamicModule {
    return {
      module: SearchModule,
      controllers: [SearchController],
      providers: [SearchIndex, { provide: Follower, inject: [SearchIndex, Rpc, Readiness, Log], useFactory: followCatalogue }],
    };
  }
}
