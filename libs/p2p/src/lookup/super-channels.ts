import type { LookupFrame } from '@souk/contracts';
import type { Channel } from '../frame/channel.ts';
import { Slots } from '../node/slots.ts';

type LookupChannel = Channel<LookupFrame>;

interface Pool {
  readonly slots: Slots;
  readonly idle: LookupChannel[];
}

/** What channels to super-peers need. */
export interface SuperChannelsNeeds {
  /** Streams to one super-peer at once. */
  readonly streams: number;
  open(peer: string, signal: AbortSignal): Promise<LookupChannel>;
}

/** Streams to super-peers that stay open between two exchanges: an exchange costs one round trip and no negotiation. */
export class SuperChannels {
  readonly #needs: SuperChannelsNeeds;
  readonly #pools = new Map<string, Pool>();

  constructor(needs: SuperChannelsNeeds) {
    this.#needs = needs;
  }

  /** Runs an exchange. A stream on which one failed is broken and not used again. Throws what the exchange throws, PEER_UNREACHABLE, CANCELLED, TIMEOUT. */
  async use<T>(peer: string, exchange: (channel: LookupChannel) => Promise<T>, signal: AbortSignal): Promise<T> {
    const pool = this.#pools.get(peer) ?? { slots: new Slots(this.#needs.streams), idle: [] };
    this.#pools.set(peer, pool);
    return pool.slots.run(async () => {
      const channel = pool.idle.pop() ?? (await this.#open(peer, pool, signal));
      try {
        const result = await exchange(channel);
        if (this.#pools.get(peer) === pool) pool.idle.push(channel);
        else void channel.close();
        return result;
      } catch (error) {
        channel.abort(error instanceof Error ? error : new Error(String(error)));
        throw error;
      }
    }, signal);
  }

  /** The link to a super-peer is gone. */
  forget(peer: string): void {
    this.#pools.delete(peer);
  }

  /** Ends every stream that is not in use. */
  async stop(): Promise<void> {
    const idle = [...this.#pools.values()].flatMap((pool) => pool.idle.splice(0));
    this.#pools.clear();
    await Promise.allSettled(idle.map((channel) => channel.close()));
  }

  async #open(peer: string, pool: Pool, signal: AbortSignal): Promise<LookupChannel> {
    const channel = await this.#needs.open(peer, signal);
    channel.onGone(() => {
      const at = pool.idle.indexOf(channel);
      if (at >= 0) pool.idle.splice(at, 1);
    });
    return channel;
  }
}
