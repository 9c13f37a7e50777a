import type { PeerId } from '@libp2p/interface';
import type { KadDHT } from '@libp2p/kad-dht';
import type { Cid } from '@souk/domain';
import { dhtOf } from '../dht/dht-of.ts';
import type { FullLibp2p } from '../node/create-libp2p-node.ts';
import { linksOf } from '../node/links.ts';
import type { PeerLimits } from '../node/peer-limits.ts';
import type { PeerLog } from '../node/peer-log.ts';
import { Announcer } from './announcer.ts';

type Components = Parameters<ReturnType<typeof dhtOf>>[0];

/** What of kad-dht 16.4 is not in its interface: it is one part of a node elsewhere, and begins and ends with that. */
interface Client extends KadDHT {
  readonly routingTable: { readonly size: number; addEventListener(event: 'peer:add', listener: () => void): void };
  onPeerConnect(peer: { readonly id: PeerId; readonly multiaddrs: readonly [] }): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** What a leaf's DHT client needs. */
export interface LeafDhtNeeds {
  readonly libp2p: FullLibp2p;
  readonly limits: PeerLimits;
  readonly log: PeerLog;
  /** The newest of the blobs that are served here, at most so many, the newest last. */
  served(most: number): readonly Cid[];
}

/**
 * A DHT client that a leaf has only while no super-peer answers: it asks others, tells them what it serves, as no super-peer does so now, and keeps
 * nothing for them.
 */
export class LeafDht {
  readonly #needs: LeafDhtNeeds;
  #open: { readonly client: Client; readonly announcer: Announcer } | undefined;
  /** Opening and closing come one after the other. */
  #turn: Promise<void> = Promise.resolve();

  constructor(needs: LeafDhtNeeds) {
    this.#needs = needs;
  }

  /** The client, while there is one. */
  get client(): KadDHT | undefined {
    return this.#open?.client;
  }

  /** Makes the client, before full peers are dialled: it learns of them as they are linked, and of those that are linked already. */
  open(): Promise<void> {
    return this.#next(async () => {
      if (this.#open) return;
      const { libp2p, limits, log, served } = this.#needs;
      // libp2p 3 shows its components to its services only; a service that is made later needs them just the same.
      const { components } = libp2p as unknown as { components: Components };
      const client = dhtOf(limits, true)(components) as Client;
      // Before the client knows anybody, an announcement would reach nobody and not be made again for minutes.
      const linked = (): string[] => (client.routingTable.size > 0 ? [...linksOf(libp2p).keys()] : []);
      const announcer = new Announcer({ dht: client, limits, log, linked });
      client.routingTable.addEventListener('peer:add', () => announcer.go());
      await client.start();
      for (const { remotePeer } of linksOf(libp2p).values()) await client.onPeerConnect({ id: remotePeer, multiaddrs: [] });
      this.#open = { client, announcer };
      void announcer.add(served.call(this.#needs, limits.providedCids));
    });
  }

  /** Tells of these blobs too, while there is a client. */
  add(cids: readonly Cid[]): void {
    void this.#open?.announcer.add(cids);
  }

  /** Tells of these blobs no longer. */
  async remove(cids: readonly Cid[]): Promise<void> {
    await this.#open?.announcer.remove(cids);
  }

  /** Ends the client. */
  close(): Promise<void> {
    return this.#next(async () => {
      const open = this.#open;
      this.#open = undefined;
      if (!open) return;
      await open.announcer.end();
      await open.client.stop();
    });
  }

  #next(work: () => Promise<void>): Promise<void> {
    return (this.#turn = this.#turn.catch(() => undefined).then(work));
  }
}
