import { kadDHT, passthroughMapper, type KadDHT, type KadDHTComponents } from '@libp2p/kad-dht';
import { protocols } from '@souk/contracts';
import { handshakeMs, type PeerLimits } from '../node/peer-limits.ts';
import { linksOf } from '../node/links.ts';
import { noticeSeldom } from './notice-seldom.ts';
import { redialNobody } from './redial-nobody.ts';

const minute = 60_000;
/** Life of a provider record in the DHT: that of a lease. */
export const providerMs = 20 * minute;

/** The DHT of a network: a server, or a client that only asks. */
export function dhtOf(limits: PeerLimits, clientMode = false): (components: KadDHTComponents) => KadDHT {
  const make = kadDHT({
    protocol: protocols.kad,
    clientMode,
    peerInfoMapper: passthroughMapper,
    alpha: 3,
    disjointPaths: 1,
    initialQuerySelfInterval: 10,
    querySelfInterval: limits.selfQueryMs,
    // Of the DHT too, whoever is busy is waited for as long as a link may take to come about.
    networkDialTimeout: { minTimeout: handshakeMs(limits) },
    // Values are of no use to us: no validator accepts any, so none is stored.
    validators: { pk: refuseValue },
    maxInboundStreams: limits.streams / 2,
    maxOutboundStreams: limits.streams / 2,
    reprovide: { validity: providerMs, threshold: providerMs / 4, interval: providerMs / 5, concurrency: 2 },
  });
  return (components) => {
    const dht = make(components) as KadDHT;
    redialNobody(dht);
    noticeSeldom(dht, { limits, links: () => linksOf(components.connectionManager), now: () => performance.now() });
    return dht;
  };
}

function refuseValue(): never {
  throw new RangeError('this DHT keeps no values');
}
