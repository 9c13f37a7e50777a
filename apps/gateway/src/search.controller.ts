import { Controller, Query } from '@nestjs/common';
import { routes, searchPackages, suggest, type SearchAnswer, type SearchQuery } from '@souk/contracts';
import { Rpc } from '@souk/nest';
import { Serves } from './serves.ts';

/** Search, lists and completion. */
@Controller()
export class SearchController {
  constructor(private readonly rpc: Rpc) {}

  @Serves(routes.search)
  search(@Query({ schema: routes.search.query }) query: SearchQuery): Promise<SearchAnswer> {
    return this.rpc.call(searchPackages, query);
  }

  @Serves(routes.listPackages)
  list(@Query({ schema: routes.listPackages.query }) query: SearchQuery): Promise<SearchAnswer> {
    return this.rpc.call(searchPackages, query);
  }

  @Serves(routes.suggest)
  suggest(@Query({ schema: routes.suggest.query }) query: { q: string; limit: number }): Promise<{ items: { name: string; description: string }[] }> {
    return this.rpc.call(suggest, query);
  }
}
