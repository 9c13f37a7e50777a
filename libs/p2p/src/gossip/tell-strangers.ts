import type { GossipSub } from '@libp2p/gossipsub';
import { shuffled } from '../node/links.ts';
import { scoreThresholds } from './score-params.ts';

/** Peers outside of its mesh that whoever writes a record tells of it. */
export const strangers = 4;

/** What of gossipsub 17.1 is not in its interface: whom it tells of a message of its own. */
interface Internals {
  readonly score: { score(peer: string): number };
  selectPeersToPublish(topic: string, floodPublish?: boolean): { readonly tosend: Set<string>; readonly tosendCount: { floodsub: number } };
}

/**
 * Has whoever writes a record tell its mesh and some of its other links, others each time: those in its mesh alone can't keep its records from anybody, and nobody
 * has to hear of them from every link.
 */
export function tellStrangers(pubsub: GossipSub): GossipSub {
  const inside = pubsub as unknown as Internals;
  const select = inside.selectPeersToPublish.bind(pubsub);
  inside.selectPeersToPublish = (topic) => {
    const selected = select(topic, false);
    const others = pubsub.getSubscribers(topic).map(String).filter((peer) => !selected.tosend.has(peer) && inside.score.score(peer) >= scoreThresholds.publishThreshold);
    for (const peer of shuffled(others).slice(0, strangers)) {
      selected.tosend.add(peer);
      selected.tosendCount.floodsub += 1;
    }
    return selected;
  };
  return pubsub;
}
