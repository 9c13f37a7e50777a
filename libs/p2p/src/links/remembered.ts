import type { Connection, PeerStore } from '@libp2p/interface';
import type { Multiaddr } from '@multiformats/multiaddr';

/** Most addresses that are remembered. */
const maxRemembered = 20;

/** The host part of an address: an IP, a DNS name, or the name of a memory address. */
function hostOf(address: Multiaddr): string | undefined {
  return address.getComponents()[0]?.value;
}

/** Where a linked peer can be dialled again: for a link that it opened, the listening address on the host that it came from. */
async function dialableAddress(connection: Connection, peerStore: PeerStore): Promise<string | undefined> {
  const peer = connection.remotePeer;
  const suffix = `/p2p/${peer.toString()}`;
  if (connection.direction === 'outbound') {
    const address = connection.remoteAddr.toString();
    return address.includes('/p2p/') ? address : address + suffix;
  }
  const known = await peerStore.get(peer).catch(() => undefined);
  const addresses = known?.addresses.map((one) => one.multiaddr) ?? [];
  const host = hostOf(connection.remoteAddr);
  const best = addresses.find((one) => hostOf(one) === host) ?? addresses[0];
  return best && best.toString() + suffix;
}

/** Addresses at which peers were reached, the newest first: what lets a restarted peer back in when its first contact is gone. */
export class Remembered {
  readonly #addresses: Map<string, string>;

  /** Begins with what was remembered before; the first is the best. */
  constructor(addresses: readonly string[]) {
    this.#addresses = new Map(addresses.slice(0, maxRemembered).map((address) => [address.split('/p2p/')[1] ?? address, address]));
  }

  /** The addresses, the best first. */
  list(): readonly string[] {
    return [...this.#addresses.values()];
  }

  /** Adds addresses that others told of behind the ones that were reached; whether any of them is new. */
  offer(addresses: readonly string[]): boolean {
    const news = addresses.filter((address) => !this.#addresses.has(address.split('/p2p/')[1] ?? address)).slice(0, maxRemembered - this.#addresses.size);
    for (const address of news) this.#addresses.set(address.split('/p2p/')[1] ?? address, address);
    return news.length > 0;
  }

  /** Moves a linked peer to the front. */
  async note(connection: Connection, peerStore: PeerStore): Promise<void> {
    const address = await dialableAddress(connection, peerStore);
    if (address === undefined) return;
    const peer = connection.remotePeer.toString();
    const others = [...this.#addresses].filter(([one]) => one !== peer).slice(0, maxRemembered - 1);
    this.#addresses.clear();
    for (const [one, where] of [[peer, address] as const, ...others]) this.#addresses.set(one, where);
  }
}
