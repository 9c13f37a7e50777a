import { Controller } from '@nestjs/common';
import { observed, readScores, type PeerScore } from '@souk/contracts';
import { Follower, Handles, Listens } from '@souk/nest';
import { Scoreboard } from './scoreboard.ts';

/** The reputation service's messages. */
@Controller()
export class ReputationController {
  constructor(
    private readonly board: Scoreboard,
    private readonly follower: Follower,
  ) {}

  @Handles(readScores)
  scores(input: { limit: number }): { peers: PeerScore[] } {
    return { peers: this.board.list(input.limit, Date.now()) };
  }

  @Listens(observed)
  observed(): void {
    this.follower.poke();
  }
}
