import type { KadDHT } from '@libp2p/kad-dht';
import type { BlobFrame } from '@souk/contracts';
import type { BlobStore, Cid } from '@souk/domain';
import { CID } from 'multiformats/cid';
import { better, type Provider } from '../blob/blob-fetch.ts';
import { askWhetherHeld } from '../blob/blob-client.ts';
import type { Channel } from '../frame/channel.ts';
import { Arrivals } from '../node/arrivals.ts';
import type { PeerLimits } from '../node/peer-limits.ts';
import { Slots } from '../node/slots.ts';
import { orAbort } from '../node/waiting.ts';

/** How long the DHT's "nobody" is believed, in milliseconds, and of how many cids. */
const absentMs = 5000;
const maxAbsent = 1000;
/** Providers after which a search of the DHT ends; it would go on to twenty by itself. */
const enough = 8;
/** How long a lookup waits for more after the first answer of a linked peer, in milliseconds. */
const gatherMs = 100;

/** What finding providers needs. */
export interface FinderNeeds {
  readonly self: string;
  readonly blobs: BlobStore;
  readonly dht: KadDHT;
  readonly limits: PeerLimits;
  open(peer: string, signal: AbortSignal): Promise<Channel<BlobFrame>>;
  linked(): readonly string[];
  rank(peer: string): number;
}

/** Who has a blob, and which tier knew. */
export interface Lookup {
  /** `local`: this peer; `peers`: linked peers said so; `dht`: the DHT names them, which nobody has checked. */
  readonly tier: 'local' | 'peers' | 'dht' | 'none';
  /** Peer ids, the best first. */
  readonly providers: readonly string[];
  readonly tookMs: number;
}

/** Finds providers of blobs: first the linked peers are asked, then the DHT. */
export class ProviderFinder {
  readonly #needs: FinderNeeds;
  readonly #absent = new Map<Cid, number>();

  constructor(needs: FinderNeeds) {
    this.#needs = needs;
  }

  /** Forgets what nobody had: new records came, and with them perhaps new blobs. */
  newsArrived(): void {
    this.#absent.clear();
  }

  /** Looks a blob up without fetching it. */
  async lookup(cid: Cid, signal: AbortSignal): Promise<Lookup> {
    const since = performance.now();
    const answer = (tier: Lookup['tier'], providers: readonly Provider[]): Lookup => ({ tier, providers: providers.toSorted(better).map((one) => one.peer), tookMs: performance.now() - since });
    if ((await this.#needs.blobs.size(cid)) !== undefined) return answer('local', [{ peer: this.#needs.self, score: 1, latencyMs: 0 }]);
    const near = await this.#gatherNear(cid, signal);
    if (near.length > 0) return answer('peers', near);
    const far: Provider[] = [];
    for await (const provider of this.far(cid, signal)) far.push(provider);
    return answer(far.length > 0 ? 'dht' : 'none', far);
  }

  /** Linked peers that say they have the blob, as they answer, each with the stream on which it said so; those of best reputation are asked first, those in `asked` not again. */
  async *near(cid: Cid, signal: AbortSignal, asked = new Set<string>()): AsyncGenerator<Provider> {
    const arrivals = new Arrivals<Provider>();
    const slots = new Slots(this.#needs.limits.parallelAsks);
    let isOver = false;
    const peers = this.#needs.linked().filter((peer) => !asked.has(peer)).toSorted((a, b) => this.#needs.rank(b) - this.#needs.rank(a));
    const asks = peers.map((peer) =>
      slots.run(async () => {
        asked.add(peer);
        const provider = await this.#ask(peer, cid, signal);
        if (provider && isOver) void provider.stream?.close();
        else if (provider) arrivals.push(provider);
      }, signal),
    );
    void Promise.allSettled(asks).then(() => arrivals.end());
    try {
      yield* arrivals;
    } finally {
      isOver = true;
      for (const { stream } of arrivals.rest()) void stream?.close();
    }
  }

  /** Peers that the DHT names, at most a handful. Ends quietly when the DHT takes too long. */
  async *far(cid: Cid, signal: AbortSignal, asked = new Set<string>()): AsyncGenerator<Provider> {
    const { dht, linked, limits, self, rank } = this.#needs;
    if ((this.#absent.get(cid) ?? 0) > Date.now() || linked().length === 0) return;
    asked.add('dht');
    const found = new Set<string>();
    try {
      for await (const event of dht.findProviders(CID.parse(cid), { signal: AbortSignal.any([signal, AbortSignal.timeout(limits.dhtMs)]) })) {
        for (const { id } of event.name === 'PROVIDER' ? event.providers : []) {
          const peer = id.toString();
          if (peer === self || found.has(peer)) continue;
          found.add(peer);
          yield { peer, score: rank(peer), latencyMs: Infinity };
        }
        if (found.size >= enough) break;
      }
    } catch {
      // The search was cut off by its deadline or by whoever asked: what was found until then counts.
    }
    if (found.size === 0 && !signal.aborted) this.#noteAbsent(cid);
  }

  /** Peers that the DHT names, then those that were linked meanwhile: a peer that has just joined still meets others. */
  async *farAndNew(cid: Cid, signal: AbortSignal, asked: Set<string>): AsyncGenerator<Provider> {
    yield* this.far(cid, signal, asked);
    yield* this.near(cid, signal, asked);
  }

  async #gatherNear(cid: Cid, signal: AbortSignal): Promise<Provider[]> {
    const found: Provider[] = [];
    const stop = new AbortController();
    const both = AbortSignal.any([signal, stop.signal]);
    let timer: NodeJS.Timeout | undefined;
    try {
      const gather = (async (): Promise<void> => {
        for await (const provider of this.near(cid, both)) {
          void provider.stream?.close();
          found.push(provider);
          timer ??= setTimeout(() => stop.abort(), gatherMs);
        }
      })();
      await orAbort(gather, signal, 'The lookup');
    } finally {
      clearTimeout(timer);
      stop.abort();
    }
    return found;
  }

  async #ask(peer: string, cid: Cid, signal: AbortSignal): Promise<Provider | undefined> {
    let channel: Channel<BlobFrame> | undefined;
    try {
      channel = await this.#needs.open(peer, signal);
      const since = performance.now();
      const held = await askWhetherHeld(channel, [cid], { timeoutMs: this.#needs.limits.askMs, signal });
      const latencyMs = performance.now() - since;
      if (held.length > 0 && !signal.aborted) return { peer, score: this.#needs.rank(peer), latencyMs, stream: channel };
      void channel.close();
      return undefined;
    } catch (error) {
      channel?.abort(error instanceof Error ? error : new Error(String(error)));
      return undefined;
    }
  }

  #noteAbsent(cid: Cid): void {
    const oldest = this.#absent.keys().next().value;
    if (this.#absent.size >= maxAbsent && oldest !== undefined) this.#absent.delete(oldest);
    this.#absent.set(cid, Date.now() + absentMs);
  }
}
