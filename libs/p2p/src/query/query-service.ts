import type { QueryFrame } from '@souk/contracts';
import { RateQuota } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import { defaultLookupLimits } from '../lookup/lookup-limits.ts';
import { quotaGroup } from '../lookup/lookup-quotas.ts';
import type { SharedRanges } from '../node/shared-ranges.ts';
import { Slots } from '../node/slots.ts';
import type { PeerNodeOptions } from '../peer-node.ts';
import { serveQuery } from './query-server.ts';

type Serve = (channel: Channel<QueryFrame>, peer: string, signal: AbortSignal, address: string) => Promise<void>;

/** Answers `/souk/query/1` to whoever is in the network, where this is a super-peer that has something to answer from. */
export function queryService(options: Pick<PeerNodeOptions, 'role' | 'answers' | 'lookupLimits' | 'trace'>, shared: SharedRanges): Serve | undefined {
  const { role, answers, trace } = options;
  if (role !== 'super' || !answers) return undefined;
  const limits = { ...defaultLookupLimits, ...options.lookupLimits };
  const { perSecond, burst } = limits.queries;
  const quotas = { peer: new RateQuota({ perSecond, burst }), group: new RateQuota({ perSecond: perSecond * limits.groupFactor, burst: burst * limits.groupFactor }) };
  const slots = new Slots(limits.parallelQueries);
  return (channel, peer, signal, address) => serveQuery(channel, { peer, group: quotaGroup(address, peer, shared) }, { source: answers, quotas, slots, limits, trace, now: Date.now }, signal);
}
