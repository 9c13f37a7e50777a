import { setImmediate as turn } from 'node:timers/promises';
import { readChanges, readPolicyChanges } from '@souk/contracts';
import { Follower, isUnserved, Log, Metrics, PeerReads, Readiness } from '@souk/nest';
import type { z } from 'zod';
import type { SearchIndex } from './search-index.ts';

/** Packages asked for at once; an answer of summaries stays well under a message's limit. */
const page = 500;

/** Packages that are taken into the index at a stretch: queries wait no longer than these take. */
const stretch = 100;

/** Takes a page in, letting queries be answered in between. */
async function takeIn(index: SearchIndex, { packages, gone }: z.output<typeof readChanges.output>): Promise<void> {
  index.update([], gone);
  for (let at = 0; at < packages.length; at += stretch) {
    index.update(packages.slice(at, at + stretch), []);
    await turn();
  }
}

/** What the site decided since `after`. A peer of version 0.1 does not know the question, and has decided nothing. */
async function decisionsAfter(after: number, peers: PeerReads, signal: AbortSignal): Promise<z.output<typeof readPolicyChanges.output>> {
  try {
    return await peers.call(readPolicyChanges, { after, limit: page }, { signal });
  } catch (error) {
    if (!isUnserved(error)) throw error;
    return { packages: [], gone: [], next: after, caughtUp: true };
  }
}

/**
 * Keeps the index level with the site's catalogue, at whichever peer answers: reads on from its own cursor whenever the head moves, and then from
 * another one what the site decided, because bans, takedowns and bindings change packages of which no new record tells.
 */
export function followCatalogue(index: SearchIndex, peers: PeerReads, readiness: Readiness, log: Log, metrics: Metrics): Follower {
  const since = performance.now();
  let [decided, loadedMs] = [0, Number.NaN];
  metrics.gauge('souk_index_packages', {}, () => index.size);
  metrics.gauge('souk_index_load_seconds', {}, () => loadedMs / 1000);
  const follower = new Follower({
    name: 'catalogue',
    condition: readiness.condition('index caught up'),
    log,
    step: async (cursor, signal) => {
      const changes = await peers.call(readChanges, { after: cursor, limit: page }, { signal });
      await takeIn(index, changes);
      const policy = await decisionsAfter(decided, peers, signal);
      await takeIn(index, policy);
      decided = policy.next;
      const caughtUp = changes.caughtUp && policy.caughtUp;
      if (caughtUp) index.becomeWhole();
      if (caughtUp && Number.isNaN(loadedMs)) loadedMs = performance.now() - since;
      return { next: changes.next, caughtUp };
    },
  });
  follower.start();
  return follower;
}
