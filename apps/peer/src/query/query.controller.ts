import { Controller } from '@nestjs/common';
import { searchNetwork, type NetworkSearchAnswer, type SearchQuery } from '@souk/contracts';
import { Handles, type CallContext } from '@souk/nest';
import { PeerRuntime } from '../peer-runtime.ts';
import { searchNetworkFor } from './network-search.ts';

/** What others are asked that this peer does not hold. */
@Controller()
export class QueryController {
  constructor(private readonly peer: PeerRuntime) {}

  @Handles(searchNetwork)
  search(query: SearchQuery, { signal }: CallContext): Promise<NetworkSearchAnswer> {
    const { node, policy } = this.peer;
    return searchNetworkFor(query, { node, policy, now: Date.now }, signal);
  }
}
