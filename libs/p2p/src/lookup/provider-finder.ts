import type { KadDHT } from '@libp2p/kad-dht';
import type { BlobFrame } from '@souk/contracts';
import { isSoukError, type Cid, type LookupTrace, type OpenStep } from '@souk/domain';
import { CID } from 'multiformats/cid';
import type { Provider } from '../blob/provider.ts';
import { askWhetherHeld } from '../blob/blob-client.ts';
import type { Channel } from '../frame/channel.ts';
import { Arrivals } from '../node/arrivals.ts';
import { shuffled } from '../node/links.ts';
import type { PeerLimits } from '../node/peer-limits.ts';
import { Slots } from '../node/slots.ts';
import { orAbort } from '../node/waiting.ts';

/** Providers after which a search of the DHT ends; it would go on to twenty by itself. */
const enough = 8;
/** Most linked peers that are asked about one blob, and for how many waits for one of them all together. */
const mostAsked = { peers: 32, waits: 2 } as const;
/** Most addresses of one provider that are tried. */
const addressesEach = 8;
/** How long a lookup waits for more after the first answer of a linked peer, in milliseconds. */
const gatherMs = 100;

/** What finding providers needs. */
export interface FinderNeeds {
  readonly self: string;
  /** Undefined where there is no DHT to ask. */
  dht(): KadDHT | undefined;
  readonly limits: PeerLimits;
  open(peer: string, signal: AbortSignal): Promise<Channel<BlobFrame>>;
  linked(): readonly string[];
  /** Lets a provider be dialled where the DHT says that it is. */
  meet(provider: { readonly peer: string; readonly addresses: readonly string[] }): Promise<void>;
  rank(peer: string): number;
}

/** How to ask the DHT. */
interface FarOptions {
  readonly asked?: Set<string> | undefined;
  readonly first?: boolean;
  readonly trace?: LookupTrace | undefined;
}

/** Finds providers of blobs without super-peers: linked peers are asked, then the DHT. */
export class ProviderFinder {
  readonly #needs: FinderNeeds;

  constructor(needs: FinderNeeds) {
    this.#needs = needs;
  }

  /** Whether there is nobody to ask. */
  get isAlone(): boolean {
    return this.#needs.linked().length === 0;
  }

  /** Linked peers that say they have the blob, as they answer, each with the stream on which it said so; those of best reputation are asked first, a few dozen at most, those in `asked` not again. Who does not answer is dropped from `step`. */
  async *near(cid: Cid, signal: AbortSignal, asked = new Set<string>(), step?: OpenStep): AsyncGenerator<Provider> {
    const arrivals = new Arrivals<Provider>();
    const slots = new Slots(this.#needs.limits.parallelAsks);
    let isOver = false;
    const over = AbortSignal.any([signal, AbortSignal.timeout(mostAsked.waits * this.#needs.limits.askMs)]);
    // Of those that are as good as each other always others are asked.
    const peers = shuffled(this.#needs.linked().filter((peer) => !asked.has(peer)))
      .toSorted((a, b) => this.#needs.rank(b) - this.#needs.rank(a))
      .slice(0, mostAsked.peers);
    const asks = peers.map((peer) =>
      slots.run(async () => {
        asked.add(peer);
        const provider = await this.#ask(peer, cid, over, step);
        if (provider && isOver) void provider.stream?.close();
        else if (provider) arrivals.push(provider);
      }, over),
    );
    void Promise.allSettled(asks).then(() => arrivals.end());
    try {
      yield* arrivals;
    } finally {
      isOver = true;
      for (const { stream } of arrivals.rest()) void stream?.close();
    }
  }

  /** Peers that the DHT names, at most a handful; those of the first answer that names any, when that is enough. Ends quietly when the DHT takes too long. */
  async *far(cid: Cid, signal: AbortSignal, { asked = new Set<string>(), first = false, trace }: FarOptions = {}): AsyncGenerator<Provider> {
    const { linked, limits, self, rank, meet } = this.#needs;
    const dht = this.#needs.dht();
    if (!dht) return trace?.skip('dht', 'this peer takes no part in it now');
    if (linked().length === 0) return trace?.skip('dht', 'nobody is linked');
    asked.add('dht');
    const step = trace?.begin('dht');
    const found = new Set<string>();
    try {
      for await (const event of dht.findProviders(CID.parse(cid), { signal: AbortSignal.any([signal, AbortSignal.timeout(limits.dhtMs)]) })) {
        for (const { id, multiaddrs } of event.name === 'PROVIDER' ? event.providers : []) {
          const peer = id.toString();
          if (peer === self || found.has(peer)) continue;
          found.add(peer);
          // Of those that it names, a client of the DHT keeps no addresses by itself.
          await meet.call(this.#needs, { peer, addresses: multiaddrs.slice(0, addressesEach).map(String) });
          yield { peer, score: rank(peer), latencyMs: Infinity };
        }
        if (found.size >= (first ? 1 : enough)) break;
      }
    } catch {
      // The search was cut off by its deadline or by whoever asked: what was found until then counts.
    } finally {
      step?.end({ outcome: found.size > 0 ? 'found' : 'nobody', providers: found.size });
    }
  }

  /** Linked peers that say they have the blob: all who answer within a moment of the first. */
  async gatherNear(cid: Cid, signal: AbortSignal, trace?: LookupTrace): Promise<Provider[]> {
    const found: Provider[] = [];
    const asked = new Set<string>();
    const step = trace?.begin('peers');
    const stop = new AbortController();
    const both = AbortSignal.any([signal, stop.signal]);
    let timer: NodeJS.Timeout | undefined;
    try {
      const gather = (async (): Promise<void> => {
        for await (const provider of this.near(cid, both, asked, step)) {
          void provider.stream?.close();
          found.push(provider);
          timer ??= setTimeout(() => stop.abort(), gatherMs);
        }
      })();
      await orAbort(gather, signal, 'The lookup');
    } finally {
      clearTimeout(timer);
      stop.abort();
      step?.end({ outcome: found.length > 0 ? 'found' : 'nobody', providers: found.length, asked: asked.size });
    }
    return found;
  }

  async #ask(peer: string, cid: Cid, signal: AbortSignal, step?: OpenStep): Promise<Provider | undefined> {
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
      if (!signal.aborted) step?.drop(peer, isSoukError(error) ? error.code : 'INTERNAL');
      channel?.abort(error instanceof Error ? error : new Error(String(error)));
      return undefined;
    }
  }
}
