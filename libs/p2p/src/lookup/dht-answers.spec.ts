import type { KadDHT } from '@libp2p/kad-dht';
import { expect, test } from '@jest/globals';
import { blobCid, peerIdOf, seedFrom, sha256Of, signerOf, type ProviderIndex } from '@souk/domain';
import { CID } from 'multiformats/cid';
import { answerWithLeases } from './dht-answers.ts';

const leasing = { peer: peerIdOf(signerOf(seedFrom('leasing')).publicKey), addresses: [] };

test('the index answers so many questions of the DHT, and no more of them at once', async () => {
  let asked = 0;
  const index = { find: () => (asked++, [{ lease: leasing }]) } as unknown as ProviderIndex;
  const providers = { getProviders: async (_cid: CID): Promise<unknown[]> => [] };
  answerWithLeases({ providers } as unknown as KadDHT, { index, libp2p: { peerStore: { has: async () => true } } as never, meet: () => Promise.resolve() });
  const cid = CID.parse(blobCid(sha256Of(new Uint8Array())));
  expect(await providers.getProviders(cid)).toHaveLength(1);
  for (let question = 0; question < 200_000; question += 1) void providers.getProviders(cid);
  expect(asked).toBeGreaterThanOrEqual(4000);
  expect(asked).toBeLessThan(200_000);
});
