import { readObservations, scoresChanged } from '@souk/contracts';
import { Follower, Log, Readiness, Rpc } from '@souk/nest';
import type { Scoreboard } from './scoreboard.ts';

const page = 1000;

/** Keeps the scoreboard level with the peer's observations, and tells the peer the new scores. */
export function followObservations(board: Scoreboard, rpc: Rpc, readiness: Readiness, log: Log): Follower {
  const follower = new Follower({
    name: 'observations',
    condition: readiness.condition('observations read'),
    log,
    step: async (cursor, signal) => {
      const { observations } = await rpc.call(readObservations, { after: cursor, limit: page }, { signal });
      const changed = [...board.add(observations)];
      const now = Date.now();
      if (changed.length > 0) await rpc.emit(scoresChanged, { scores: Object.fromEntries(changed.map((peer) => [peer, board.score(peer, now)])) });
      return { next: observations.at(-1)?.id ?? cursor, caughtUp: observations.length < page };
    },
  });
  follower.start();
  return follower;
}
