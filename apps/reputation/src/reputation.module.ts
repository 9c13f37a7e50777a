import { Module, type DynamicModule } from '@nestjs/common';
import { Follower, Log, Readiness, Rpc } from '@souk/nest';
import { followObservations } from './observation-follower.ts';
import { ReputationController } from './reputation.controller.ts';
import { Scoreboard } from './scoreboard.ts';
import type { ReputationConfig } from './config.ts';

export { reputationConfig, type ReputationConfig } from './config.ts';

/** The reputation service. */
@Module({})
export class ReputationModule {
  /** Wires the service. */
  static with(_config: ReputationConfig): DynamicModule {
    return {
      module: ReputationModule,
      controllers: [ReputationController],
      providers: [Scoreboard, { provide: Follower, inject: [Scoreboard, Rpc, Readiness, Log], useFactory: followObservations }],
    };
  }
}
