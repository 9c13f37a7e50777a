import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2';

/** What a super-peer relays for peers that nobody can dial (circuit relay v2). */
export interface RelayLimits {
  /** Peers that may be reached through it at once; whoever comes then is refused. */
  readonly reservations: number;
  /** Most bytes that one relayed connection carries each way, and how long it lasts in milliseconds; it is broken then. */
  readonly bytes: number;
  readonly ms: number;
}

/** How a peer takes part in relaying. */
export interface RelayOptions {
  /** What it relays; nothing unless given, and nothing by a peer that is no super-peer. */
  readonly serve?: RelayLimits;
  /** Whether nobody can dial it, so that it is reached through the super-peers that it is linked to; false unless given. */
  readonly use?: boolean;
}

/** Where a peer listens that is reached through relays: at each relay that it is linked to. */
export const relayedListen = '/p2p-circuit';

/** Reaches peers through relays, and is reached through them. */
export const relayTransport: ReturnType<typeof circuitRelayTransport> = circuitRelayTransport({ reservationConcurrency: 2 });

/** The service of a relay. */
export function relayServer({ reservations, bytes, ms }: RelayLimits): ReturnType<typeof circuitRelayServer> {
  return circuitRelayServer({ reservations: { maxReservations: reservations, defaultDataLimit: BigInt(bytes), defaultDurationLimit: ms, reservationTtl: 3_600_000 }, maxInboundHopStreams: 64, maxOutboundHopStreams: 64, maxOutboundStopStreams: 64 });
}

/** Most addresses that a lease names. */
const maxAddresses = 8;

/**
 * The addresses at which a peer says it is reached. One that is reached through relays names those alone as soon as there are some: the others
 * would be dialled in vain first.
 */
export function reachableAt(addresses: readonly string[], isRelayed: boolean): readonly string[] {
  const relayed = addresses.filter((address) => address.includes('/p2p-circuit'));
  return (isRelayed && relayed.length > 0 ? relayed : addresses).slice(0, maxAddresses);
}
