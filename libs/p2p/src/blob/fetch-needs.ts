import type { BlobFrame } from '@souk/contracts';
import type { BlobDraft } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import type { Bandwidth } from '../node/bandwidth.ts';
import type { PeerLimits } from '../node/peer-limits.ts';
import type { Provider } from './provider.ts';

/** What a fetch needs. */
export interface FetchNeeds {
  readonly draft: BlobDraft;
  readonly limits: PeerLimits;
  /** What this fetch shares with others; no bound unless given. */
  readonly down?: Bandwidth;
  open(peer: string, signal: AbortSignal): Promise<Channel<BlobFrame>>;
  /** Peers that say they have it, as they answer. */
  near(signal: AbortSignal): AsyncIterable<Provider>;
  /** Peers that the DHT knows; asked only when nobody near is left. */
  far(signal: AbortSignal): AsyncIterable<Provider>;
  /** Peers that say now that they have it, but for those that are known to: asked from time to time while some serve, but fewer than may. */
  again(signal: AbortSignal, known: ReadonlySet<string>): AsyncIterable<Provider>;
  progress(bytes: number, providers: number): void;
}
