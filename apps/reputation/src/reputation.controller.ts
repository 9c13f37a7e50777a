import { Controller } from '@nestjs/common';
import { observed, readScores, type PeerScore } from '@souk/contracts';
import { Handles, Listens } from '@souk/nest';
import { ObservationFollowers } from './observation-followers.ts';
import { Scoreboard } from './scoreboard.ts';

/** The reputation service's messages. */
@Controller()
export class ReputationController {
  constructor(
    private readonly board: Scoreboard,
    private readonly followers: ObservationFollowers,
  ) {}

  @Handles(readScores)
  scores(input: { limit: number }): { peers: PeerScore[] } {
    return { peers: this.board.list(input.limit, Date.now()) };
  }

  @Listens(observed)
  observed({ ordinal }: { ordinal: number }): void {
    this.followers.poke(ordinal);
  }
}
