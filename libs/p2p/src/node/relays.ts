import type { Libp2p, PeerId } from '@libp2p/interface';
import { circuitRelayServer, circuitRelayTransport, type CircuitRelayService } from '@libp2p/circuit-relay-v2';

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

/** How long a place at a relay lasts unless whoever has it asks again, which its client does in time, in milliseconds. */
const reservationMs = 600_000;

/** The service of a relay. */
export function relayServer({ reservations, bytes, ms }: RelayLimits): ReturnType<typeof circuitRelayServer> {
  return circuitRelayServer({ reservations: { maxReservations: reservations, defaultDataLimit: BigInt(bytes), defaultDurationLimit: ms, reservationTtl: reservationMs }, maxInboundHopStreams: 64, maxOutboundHopStreams: 64, maxOutboundStopStreams: 64 });
}

/** Gives the place of a peer that has left to the next one: by itself circuit-relay-v2 keeps it until it expires, and whoever came and went with many keys would have them all. */
export function freeRelayPlaces(libp2p: Libp2p, relay: CircuitRelayService): void {
  const { reservationStore } = relay as unknown as { reservationStore: { removeReservation(peer: PeerId): void } };
  libp2p.addEventListener('peer:disconnect', ({ detail }) => reservationStore.removeReservation(detail));
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
