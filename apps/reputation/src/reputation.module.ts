import { Module, type DynamicModule } from '@nestjs/common';
import { Log, Readiness, Rpc } from '@souk/nest';
import { ObservationFollowers } from './observation-followers.ts';
import { ReputationController } from './reputation.controller.ts';
import { Scoreboard } from './scoreboard.ts';
import type { ReputationConfig } from './config.ts';

export { reputationConfig, type ReputationConfig } from './config.ts';

/** The reputation service. */
@Module({})
export class ReputationModule {
  /** Wires the service. */
  static with(config: ReputationConfig): DynamicModule {
    return {
      module: ReputationModule,
      controllers: [ReputationController],
      providers: [Scoreboard, { provide: ObservationFollowers, inject: [Scoreboard, Rpc, Readiness, Log], useFactory: (board: Scoreboard, rpc: Rpc, readiness: Readiness, log: Log) => new ObservationFollowers(board, { rpc, readiness, log }, config.peers) }],
    };
  }
}
