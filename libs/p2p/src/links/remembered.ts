import type { Connection, PeerStore } from '@libp2p/interface';
import type { Multiaddr } from '@multiformats/multiaddr';
import { isAddress } from './is-address.ts';

/** Most addresses that are remembered. */
const maxRemembered = 20;
/** Peers of whom it is kept what they told last. */
const maxTellers = 4;

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

function peerOf(address: string): string {
  return address.split('/p2p/')[1] ?? address;
}

/** The first of each list, then the second of each, and so on. */
function byTurns(lists: readonly (readonly string[])[]): string[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, at) => lists.flatMap((list) => list[at] ?? [])).flat();
}

/**
 * Addresses to begin with when the first contacts are gone: of peers that were reached, the newest first, then those that linked us or that others
 * tell of, then those of the last run. What one peer tells is believed half of the places at most, and what it tells next replaces it.
 */
export class Remembered {
  readonly #reached = new Map<string, string>();
  /** By who told of them. */
  readonly #told = new Map<string, readonly string[]>();
  readonly #before: readonly string[];
  #inbound: readonly string[] = [];

  /** Begins with what was remembered before; the first is the best. */
  constructor(addresses: readonly string[]) {
    this.#before = addresses.filter(isAddress).slice(0, maxRemembered);
  }

  /** The addresses, the best first, one for each peer. */
  list(): readonly string[] {
    const byPeer = new Map<string, string>();
    for (const address of [...this.#reached.values(), ...byTurns([this.#inbound, ...this.#told.values()]), ...this.#before]) if (!byPeer.has(peerOf(address))) byPeer.set(peerOf(address), address);
    return [...byPeer.values()].slice(0, maxRemembered);
  }

  /** Takes the addresses that a peer tells of in place of those that it told of before; whether that changes anything. */
  offer(addresses: readonly string[], teller: string): boolean {
    const before = this.list().join(' ');
    this.#told.delete(teller);
    this.#told.set(teller, addresses.filter(isAddress).slice(0, maxRemembered / 2));
    for (const oldest of [...this.#told.keys()].slice(0, -maxTellers)) this.#told.delete(oldest);
    return this.list().join(' ') !== before;
  }

  /** Moves a linked peer to the front of those that were reached, or, when it opened the link and says itself where it is, of those. */
  async note(connection: Connection, peerStore: PeerStore): Promise<void> {
    const address = await dialableAddress(connection, peerStore);
    if (address === undefined) return;
    const peer = connection.remotePeer.toString();
    if (connection.direction === 'inbound') {
      this.#inbound = [address, ...this.#inbound.filter((one) => peerOf(one) !== peer)].slice(0, maxRemembered / 2);
      return;
    }
    const others = [...this.#reached].filter(([one]) => one !== peer).slice(0, maxRemembered - 1);
    this.#reached.clear();
    for (const [one, where] of [[peer, address] as const, ...others]) this.#reached.set(one, where);
  }
}
