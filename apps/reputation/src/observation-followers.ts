import type { OnApplicationShutdown } from '@nestjs/common';
import { readObservations, scoresChanged } from '@souk/contracts';
import { Follower, type Condition, type Log, type Readiness, type Rpc } from '@souk/nest';
import type { Scoreboard } from './scoreboard.ts';

/** What following needs. */
export interface FollowerParts {
  readonly rpc: Rpc;
  readonly readiness: Readiness;
  readonly log: Log;
}

const page = 1000;

/** Keeps the scoreboard level with what every peer of the site observed, and tells the peers the new scores. */
export class ObservationFollowers implements OnApplicationShutdown {
  readonly #followers: readonly Follower[];

  /** `peers`: how many the site has. Ready as soon as the observations of one of them were read: one that is down must not hold up the others. */
  constructor(board: Scoreboard, parts: FollowerParts, peers: number) {
    const condition = parts.readiness.condition('observations read');
    const once: Condition = { met: () => condition.met(), unmet: () => undefined };
    this.#followers = Array.from({ length: peers }, (_, ordinal) => followObservations(board, parts, ordinal, once));
  }

  /** A peer observed something. */
  poke(ordinal: number): void {
    this.#followers[ordinal]?.poke();
  }

  /** Stops reading and waits for what is under way. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.#followers.map((follower) => follower.onApplicationShutdown()));
  }
}

/** Each peer keeps its own observations, under numbers of its own. */
function followObservations(board: Scoreboard, { rpc, log }: FollowerParts, ordinal: number, condition: Condition): Follower {
  const follower = new Follower({
    name: `observations of peer ${ordinal}`,
    condition,
    log,
    step: async (cursor, signal) => {
      const { observations } = await rpc.call(readObservations, { after: cursor, limit: page }, { signal, ordinal });
      const changed = [...board.add(observations)];
      const now = Date.now();
      if (changed.length > 0) await rpc.emit(scoresChanged, { scores: Object.fromEntries(changed.map((peer) => [peer, board.score(peer, now)])) });
      return { next: observations.at(-1)?.id ?? cursor, caughtUp: observations.length < page };
    },
  });
  follower.start();
  return follower;
}
