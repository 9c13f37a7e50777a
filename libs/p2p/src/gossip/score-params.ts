import { protocols } from '@souk/contracts';
import type { SharedRanges } from '../node/shared-ranges.ts';
import type { PeerScoreParams, PeerScoreThresholds, TopicScoreParams } from '@libp2p/gossipsub/score';

/**
 * Scores of the one topic. Traffic is rare, so nobody is punished for silence (P3 is off); delivering news first is worth a little,
 * and each invalid message counts squared: the first costs 10 of the 80 points that lead to the grey list, the third all of them. Half of it is forgiven
 * after 23 minutes; with a decay of seconds three forged records every few seconds would be listened to for ever.
 */
const headsTopic: TopicScoreParams = {
  topicWeight: 1,
  timeInMeshWeight: 0.01,
  timeInMeshQuantum: 1000,
  timeInMeshCap: 300,
  firstMessageDeliveriesWeight: 0.5,
  firstMessageDeliveriesDecay: 0.95,
  firstMessageDeliveriesCap: 20,
  meshMessageDeliveriesWeight: 0,
  meshMessageDeliveriesDecay: 0.5,
  meshMessageDeliveriesCap: 100,
  meshMessageDeliveriesThreshold: 20,
  meshMessageDeliveriesWindow: 10,
  meshMessageDeliveriesActivation: 5000,
  meshFailurePenaltyWeight: 0,
  meshFailurePenaltyDecay: 0.5,
  invalidMessageDeliveriesWeight: -10,
  invalidMessageDeliveriesDecay: 0.9995,
};

/** Where a score begins to cost: no lazy gossip, no own messages, nothing at all. */
export const scoreThresholds: PeerScoreThresholds = { gossipThreshold: -20, publishThreshold: -50, graylistThreshold: -80, acceptPXThreshold: 1000, opportunisticGraftThreshold: 1 };

/** The addresses of the shared ranges, as gossipsub wants them: a set that it only ever asks. */
class SharedAddresses extends Set<string> {
  readonly #shared: SharedRanges;

  constructor(shared: SharedRanges) {
    super();
    this.#shared = shared;
  }

  override has(ip: string): boolean {
    return this.#shared.has(ip);
  }
}

/** What scoring depends on. */
export interface ScoreOptions {
  /** Where many peers of one address do not count as one attacker. */
  readonly sharedRanges: SharedRanges;
  /** Reputation of a peer in [0, 1]. */
  rank(peer: string): number;
}

/** The score parameters of gossipsub 1.1 for this network. */
export function scoreParams(options: ScoreOptions): Partial<PeerScoreParams> {
  return {
    topics: { [protocols.headsTopic]: headsTopic },
    topicScoreCap: 20,
    appSpecificScore: (peer) => options.rank(peer) - 0.5,
    appSpecificWeight: 20,
    IPColocationFactorWeight: -5,
    IPColocationFactorThreshold: 10,
    IPColocationFactorWhitelist: new SharedAddresses(options.sharedRanges),
    behaviourPenaltyWeight: -10,
    behaviourPenaltyThreshold: 6,
    behaviourPenaltyDecay: 0.9,
    decayInterval: 1000,
    decayToZero: 0.1,
    retainScore: 3_600_000,
  };
}
