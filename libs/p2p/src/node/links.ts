import type { Connection, Libp2p, PeerId } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import { SoukError } from '@souk/domain';

/** The peer id that a text names; throws BAD_REQUEST. */
export function parsePeerId(text: string): PeerId {
  try {
    return peerIdFromString(text);
  } catch (cause) {
    throw new SoukError('BAD_REQUEST', `"${text.slice(0, 80)}" is not a peer id.`, { hint: 'A peer id starts with 12D3Koo.', cause });
  }
}

/** Open connections by peer id, the oldest of each peer. */
export function linksOf(libp2p: Pick<Libp2p, 'getConnections'>): ReadonlyMap<string, Connection> {
  const links = new Map<string, Connection>();
  for (const connection of libp2p.getConnections()) {
    const peer = connection.remotePeer.toString();
    if (connection.status === 'open' && !links.has(peer)) links.set(peer, connection);
  }
  return links;
}

/** Values in random order. */
export function shuffled<T>(values: Iterable<T>): T[] {
  const list = [...values];
  for (let at = list.length - 1; at > 0; at -= 1) {
    const other = Math.floor(Math.random() * (at + 1));
    [list[at], list[other]] = [list[other] as T, list[at] as T];
  }
  return list;
}
