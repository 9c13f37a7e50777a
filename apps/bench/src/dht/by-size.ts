import type { Scenario } from '../runner/scenario.ts';
import { dhtLookup } from './dht-lookup.ts';
import { dhtPut } from './dht-put.ts';
import { superVsDht } from './super-vs-dht.ts';

const sizes = [1000, 500, 100, 50, 10];

/** What the DHT costs, by the size of the network: all scenarios of one size follow each other, because they use one network; the largest first, so that the one that stays to the end is small. */
export const dhtBySize: readonly Scenario[] = sizes.flatMap((peers) => [
  dhtLookup(peers),
  ...([100, 1000].includes(peers) ? [superVsDht(peers)] : []),
  ...(peers <= 100 ? [dhtPut(peers)] : []),
]);
