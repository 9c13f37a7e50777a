import type { KadDHT } from '@libp2p/kad-dht';
import { blobCid, sha256Of } from '@souk/domain';
import { CID } from 'multiformats/cid';
import type { PeerLog } from '../node/peer-log.ts';

/** What super-peers provide in the DHT beside their blobs: no blob has this cid. The DHT is closed by the network's key, so one name does for all networks. */
const superPeers = CID.parse(blobCid(sha256Of(new TextEncoder().encode('souk/super-peers/1\0'))));
const walkMs = 30_000;
const longestWaitMs = 600_000;
/** Super-peers of one search that are told of, and addresses of each. */
const [mostFound, addressesEach] = [8, 4];

/** What scouting needs. */
export interface SuperScoutNeeds {
  /** Undefined where there is no DHT to ask. */
  dht(): KadDHT | undefined;
  readonly log: PeerLog;
  /** Whether this peer is one that others look for. */
  readonly isSuper: boolean;
  /** How long it waits before it looks, the first time: links may come by themselves. */
  readonly waitMs: number;
  linked(): readonly string[];
  /** Whether there are fewer links to super-peers than there should be. */
  isWanting(): boolean;
  /** Somebody says of itself that it is a super-peer, and is found at these addresses; each ends with its peer id. */
  found(addresses: readonly string[]): void;
}

/** Finds super-peers by the DHT, for who knows other peers of the network and no super-peer; a super-peer lets itself be found. */
export class SuperScout {
  readonly #needs: SuperScoutNeeds;
  readonly #stopping = new AbortController();
  #isAnnounced = false;
  #walks = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(needs: SuperScoutNeeds) {
    this.#needs = needs;
  }

  /** Looks, or lets itself be found, before long; call it when a link came or a super-peer is gone. */
  go(): void {
    if (!this.#hasToDo || this.#stopping.signal.aborted) return;
    this.#timer ??= setTimeout(() => void this.#turn(), Math.min(longestWaitMs, this.#needs.waitMs * 2 ** Math.min(this.#walks, 20)) * (0.75 + Math.random() / 2));
  }

  /** Ends what is under way. */
  stop(): void {
    this.#stopping.abort();
    clearTimeout(this.#timer);
  }

  get #hasToDo(): boolean {
    return this.#needs.isSuper ? !this.#isAnnounced : this.#needs.isWanting();
  }

  async #turn(): Promise<void> {
    const dht = this.#needs.dht();
    const canWalk = dht !== undefined && this.#hasToDo && this.#needs.linked().length > 0;
    if (canWalk) {
      this.#walks += 1;
      await this.#walk(dht);
    }
    this.#timer = undefined;
    // Who could not walk hears of the next link.
    if (canWalk) this.go();
  }

  async #walk(dht: KadDHT): Promise<void> {
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(walkMs)]);
    try {
      if (this.#needs.isSuper) await this.#announce(dht, signal);
      else await this.#look(dht, signal);
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#needs.log.debug('the DHT could not be asked about super-peers', { error });
    }
  }

  /** Told once; the DHT repeats it by itself. */
  async #announce(dht: KadDHT, signal: AbortSignal): Promise<void> {
    for await (const event of dht.provide(superPeers, { signal })) if (event.name === 'PEER_RESPONSE') this.#isAnnounced = true;
  }

  async #look(dht: KadDHT, signal: AbortSignal): Promise<void> {
    const found = new Set<string>();
    for await (const event of dht.findProviders(superPeers, { signal })) {
      for (const { id, multiaddrs } of event.name === 'PROVIDER' ? event.providers : []) {
        if (found.has(id.toString()) || found.size >= mostFound) continue;
        found.add(id.toString());
        this.#needs.found(multiaddrs.slice(0, addressesEach).map((address) => `${address.toString().split('/p2p/')[0]}/p2p/${id.toString()}`));
      }
      if (found.size >= mostFound) break;
    }
  }
}
