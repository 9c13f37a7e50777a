import { Controller } from '@nestjs/common';
import { headMoved, nearestNames, searchPackages, siteMoved, suggest, type SearchAnswer, type SearchQuery } from '@souk/contracts';
import { Follower, Handles, Listens, type CallContext } from '@souk/nest';
import { NetworkIndex } from './network-index.ts';
import { SearchIndex } from './search-index.ts';

/** The search service's messages. */
@Controller()
export class SearchController {
  constructor(
    private readonly index: SearchIndex,
    private readonly network: NetworkIndex,
    private readonly follower: Follower,
  ) {}

  @Handles(searchPackages)
  query(input: SearchQuery, { signal }: CallContext): SearchAnswer | Promise<SearchAnswer> {
    return this.network.query(input, signal);
  }

  @Handles(suggest)
  suggest(input: { q: string; limit: number }): { items: { name: string; description: string }[] } {
    return { items: this.index.suggest(input.q, input.limit) };
  }

  @Handles(nearestNames)
  near(input: { name: string; limit: number }): { names: string[] } {
    return { names: this.index.near(input.name, input.limit) };
  }

  @Listens(headMoved)
  headMoved(): void {
    this.follower.poke();
  }

  @Listens(siteMoved)
  siteMoved(): void {
    this.follower.poke();
  }
}
