import { readChanges } from '@souk/contracts';
import { Follower, Log, PeerReads, Readiness } from '@souk/nest';
import type { SearchIndex } from './search-index.ts';

/** Packages asked for at once; an answer of summaries stays well under a message's limit. */
const page = 500;

/** Keeps the index level with the site's catalogue: reads on from its own cursor whenever the head moves, at whichever peer answers. */
export function followCatalogue(index: SearchIndex, peers: PeerReads, readiness: Readiness, log: Log): Follower {
  const follower = new Follower({
    name: 'catalogue',
    condition: readiness.condition('index caught up'),
    log,
    step: async (cursor, signal) => {
      const changes = await peers.call(readChanges, { after: cursor, limit: page }, { signal });
      index.update(changes.packages, changes.gone);
      if (changes.caughtUp) index.becomeWhole();
      return { next: changes.next, caughtUp: changes.caughtUp };
    },
  });
  follower.start();
  return follower;
}
