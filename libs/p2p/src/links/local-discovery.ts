import type { PeerDiscovery, PeerInfo } from '@libp2p/interface';
import { mdns } from '@libp2p/mdns';
import { isPrivateAddress, networkIdOf } from '@souk/domain';

/** Most addresses of one peer that are tried. */
const addressesEach = 3;

type MakeDiscovery = (components: Parameters<ReturnType<typeof mdns>>[0]) => PeerDiscovery;

/**
 * Finds peers of this network in the local network by multicast DNS. The service is named after the network's id, so that networks do not meet;
 * who listens in the local network learns that id, peer ids and addresses, but not the key. `found` hears the addresses of one peer at a time,
 * each with its `/p2p/<peer id>`.
 */
export function localDiscovery(networkKey: Uint8Array | undefined, found: (addresses: readonly string[]) => void): MakeDiscovery {
  const make = mdns({ serviceTag: `_souk-${networkIdOf(networkKey)}._udp.local`, interval: 10_000 });
  return (components) => {
    const discovery = make(components);
    discovery.addEventListener('peer', ({ detail }: CustomEvent<PeerInfo>) => found(addressesOf(detail)));
    return discovery;
  };
}

/** Where a peer that was found can be dialled: addresses of the local network before those of one machine. */
export function addressesOf({ id, multiaddrs }: PeerInfo): string[] {
  const isOfOneMachine = (address: string): number => Number(/^\/ip4\/127\.|^\/ip6\/::1\//.test(address));
  const tcp = multiaddrs.map(String).filter((address) => /^\/ip[46]\/[^/]+\/tcp\/\d+/.test(address) && isPrivateAddress(address));
  const dialable = tcp.toSorted((a, b) => isOfOneMachine(a) - isOfOneMachine(b)).slice(0, addressesEach);
  return dialable.map((address) => (address.includes('/p2p/') ? address : `${address}/p2p/${id.toString()}`));
}
