import { readChanges, readPolicyChanges } from '@souk/contracts';
import { Follower, Log, PeerReads, Readiness } from '@souk/nest';
import type { SearchIndex } from './search-index.ts';

/** Packages asked for at once; an answer of summaries stays well under a message's limit. */
const page = 500;

/**
 * Keeps the index level with the site's catalogue, at whichever peer answers: reads on from its own cursor whenever the head moves, and then from
 * another one what the site decided, because bans, takedowns and bindings change packages of which no new record tells.
 */
export function followCatalogue(index: SearchIndex, peers: PeerReads, readiness: Readiness, log: Log): Follower {
  let decided = 0;
  const follower = new Follower({
    name: 'catalogue',
    condition: readiness.condition('index caught up'),
    log,
    step: async (cursor, signal) => {
      const changes = await peers.call(readChanges, { after: cursor, limit: page }, { signal });
      index.update(changes.packages, changes.gone);
      const policy = await peers.call(readPolicyChanges, { after: decided, limit: page }, { signal });
      index.update(policy.packages, policy.gone);
      decided = policy.next;
      const caughtUp = changes.caughtUp && policy.caughtUp;
      if (caughtUp) index.becomeWhole();
      return { next: changes.next, caughtUp };
    },
  });
  follower.start();
  return follower;
}
