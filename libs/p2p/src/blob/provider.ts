import type { BlobFrame } from '@souk/contracts';
import type { Channel } from '../frame/channel.ts';

/** A peer that says, or is said, to have the blob. */
export interface Provider {
  readonly peer: string;
  /** Reputation in [0, 1]. */
  readonly score: number;
  /** How long it took to say so; Infinity when others said it. */
  readonly latencyMs: number;
  /** Whether it says that it is in the zone of this peer. */
  readonly isNear?: boolean;
  /** The stream on which it said so: whoever gets the provider reads from it, or closes it. */
  readonly stream?: Channel<BlobFrame>;
}

/** A provider whose stream was closed. */
export function withoutStream({ stream, ...provider }: Provider): Provider {
  void stream?.close();
  return provider;
}

/** Better reputation first, in steps of a tenth; within a step whoever is in our zone, then the quicker one. */
export function better(a: Provider, b: Provider): number {
  const steps = Math.round(b.score * 10) - Math.round(a.score * 10);
  const near = Number(b.isNear ?? false) - Number(a.isNear ?? false);
  return steps || near || (a.latencyMs === b.latencyMs ? 0 : a.latencyMs - b.latencyMs);
}
