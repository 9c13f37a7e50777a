import { join } from 'node:path';
import { blobCid, hotHintLimits, MemoryHintStore, sha256Of, warmHintLimits, type Cid, type Hint, type HintStore } from '@souk/domain';
import { openHintStore } from '@souk/store';
import type { Bench } from '../runner/bench.ts';

/** The caches of a peer, and a bare map beside them. */
export interface HintTiers {
  readonly hot: HintStore;
  readonly warm: HintStore;
  readonly map: Map<Cid, readonly Hint[]>;
  /** What a lookup keeps in both. */
  put(cid: Cid): Promise<void>;
}

const hints: readonly Hint[] = [{ peer: '12D3KooWLbGGhQ1wzhiH6DvKv7sKoRD7zoDdCwZd2nGaFT6zQzPd', addresses: ['/ip4/192.0.2.1/tcp/7686', '/dns4/souk.example.org/tcp/7686'] }];

/** The n-th of the cids that are kept. */
export const cidOf = (number: number): Cid => blobCid(sha256Of(new TextEncoder().encode(`cache ${number}`)));

/** Opens the caches of a peer in their own sizes, holding the first `filled` cids as far as they fit. */
export async function hintTiers(bench: Bench, name: string, filled: number): Promise<HintTiers> {
  const hot = new MemoryHintStore(hotHintLimits);
  const warm = await openHintStore(join(bench.scratch, name), warmHintLimits);
  const map = new Map<Cid, readonly Hint[]>();
  const put = async (cid: Cid): Promise<void> => {
    await hot.put(cid, hints, Date.now());
    await warm.put(cid, hints, Date.now());
  };
  for (let number = 0; number < filled; number += 1) {
    if (number % 1000 === 0) bench.signal.throwIfAborted();
    await put(cidOf(number));
    map.set(cidOf(number), hints);
  }
  return { hot, warm, map, put };
}
