import type { KadDHT } from '@libp2p/kad-dht';
import type { FullLibp2p } from '../node/create-libp2p-node.ts';
import { dhtOf } from '../node/create-libp2p-node.ts';
import type { PeerLimits } from '../node/peer-limits.ts';

type Components = Parameters<ReturnType<typeof dhtOf>>[0];

/** A DHT client that a leaf has only while no super-peer answers: it asks others and keeps nothing for them. */
export class LeafDht {
  readonly #libp2p: FullLibp2p;
  readonly #limits: PeerLimits;
  #client: KadDHT | undefined;

  constructor(libp2p: FullLibp2p, limits: PeerLimits) {
    this.#libp2p = libp2p;
    this.#limits = limits;
  }

  /** The client, while there is one. */
  get client(): KadDHT | undefined {
    return this.#client;
  }

  /** Makes the client, before full peers are dialled: it learns of them as they are linked. */
  async open(): Promise<void> {
    if (this.#client) return;
    // libp2p 3 shows its components to its services only; a service that is made later needs them just the same.
    const { components } = this.#libp2p as unknown as { components: Components };
    const client = dhtOf(this.#limits, true)(components) as KadDHT & { start(): Promise<void> };
    this.#client = client;
    await client.start();
  }

  /** Ends the client. */
  async close(): Promise<void> {
    const client = this.#client as (KadDHT & { stop(): Promise<void> }) | undefined;
    this.#client = undefined;
    await client?.stop();
  }
}
