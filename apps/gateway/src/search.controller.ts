import { Controller, Query } from '@nestjs/common';
import { routes, searchPackages, suggest, type SearchAnswer, type SearchQuery } from '@souk/contracts';
import { Rpc } from '@souk/nest';
import { Serves } from './serves.ts';
import { StaleNote } from './stale-note.ts';

/** Search, lists and completion. */
@Controller()
export class SearchController {
  constructor(
    private readonly rpc: Rpc,
    private readonly stale: StaleNote,
  ) {}

  @Serves(routes.search)
  search(@Query({ schema: routes.search.query }) query: SearchQuery): Promise<SearchAnswer> {
    return this.#find(query);
  }

  @Serves(routes.listPackages)
  list(@Query({ schema: routes.listPackages.query }) query: SearchQuery): Promise<SearchAnswer> {
    return this.#find(query);
  }

  @Serves(routes.suggest)
  suggest(@Query({ schema: routes.suggest.query }) query: { q: string; limit: number }): Promise<{ items: { name: string; description: string }[] }> {
    return this.rpc.call(suggest, query);
  }

  async #find(query: SearchQuery): Promise<SearchAnswer> {
    const [answer, stale] = await Promise.all([this.rpc.call(searchPackages, query), this.stale.added()]);
    return { ...answer, ...stale };
  }
}
