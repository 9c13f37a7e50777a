import type { KadDHT } from '@libp2p/kad-dht';

/** What of kad-dht 16.4 is not in its interface: what marks peers near to itself. */
interface Internals {
  readonly routingTable: { readonly closestPeerTagger: { updatePeerTags(): Promise<void> } };
}

/**
 * Has the DHT not mark the peers near to itself for libp2p to dial again as soon as a link to them is gone. Of links that one side hangs up because it has too many, the
 * other side opened as many again, for ever: in a network of 100 full peers twelve each second. Links are kept by `Neighbours`, and a walk opens those that it needs.
 */
export function redialNobody(dht: KadDHT): void {
  const { closestPeerTagger } = (dht as unknown as Internals).routingTable;
  closestPeerTagger.updatePeerTags = () => Promise.resolve();
}
