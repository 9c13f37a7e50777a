import { expect, test } from '@jest/globals';
import type { KadDHT } from '@libp2p/kad-dht';
import { blobCid, peerIdOf, seedFrom, sha256Of, signerOf } from '@souk/domain';
import { parsePeerId } from '../node/links.ts';
import { fullPeerLimits } from '../node/peer-limits.ts';
import { ProviderFinder } from './provider-finder.ts';

const peers = ['a', 'b'].map((name) => peerIdOf(signerOf(seedFrom(name)).publicKey));

/** A DHT whose walk names two providers at once and then goes on until it is ended; `ended` is told. */
function walking(ended: () => void): KadDHT {
  async function* findProviders(): AsyncGenerator<unknown> {
    try {
      yield { name: 'PEER_RESPONSE' };
      yield { name: 'PROVIDER', providers: peers.map((peer) => ({ id: parsePeerId(peer), multiaddrs: [] })) };
      await new Promise(() => undefined);
    } finally {
      ended();
    }
  }
  return { findProviders } as unknown as KadDHT;
}

test('where one answer is enough the walk through the DHT ends with the first that names providers', async () => {
  let hasEnded = false;
  const dht = walking(() => (hasEnded = true));
  const finder = new ProviderFinder({ self: 'self', dht: () => dht, limits: { ...fullPeerLimits, dhtMs: 3_600_000 }, open: () => Promise.reject(new Error('nobody is asked')), linked: () => ['linked'], rank: () => 0.5, meet: () => Promise.resolve() });
  const found: string[] = [];
  for await (const { peer } of finder.far(blobCid(sha256Of(new Uint8Array())), new AbortController().signal, { first: true })) found.push(peer);
  expect(found).toEqual(peers);
  expect(hasEnded).toBe(true);
});

test('of very many linked peers a few dozen are asked about a blob, and not for longer than two of them may take', async () => {
  const asked = new Set<string>();
  const open = (peer: string, signal: AbortSignal): Promise<never> => {
    asked.add(peer);
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));
  };
  const links = Array.from({ length: 4096 }, (_, index) => `peer ${index}`);
  const limits = { ...fullPeerLimits, parallelAsks: 64, askMs: 5 };
  const finder = new ProviderFinder({ self: 'self', dht: () => undefined, limits, open, linked: () => links, rank: () => 0.5, meet: () => Promise.resolve() });
  for await (const provider of finder.near(blobCid(sha256Of(new Uint8Array())), new AbortController().signal)) throw new Error(`${provider.peer} was found`);
  expect(asked.size).toBe(32);
});
