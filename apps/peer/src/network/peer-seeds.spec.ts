import { expect, test } from '@jest/globals';
import { MemoryKeyStore } from '@souk/domain';
import { peerSeeds } from './peer-seeds.ts';

test('a peer keeps its identities, also when it gets more of them', async () => {
  const keys = new MemoryKeyStore();
  const [only] = await peerSeeds(keys, { identities: 1, role: 'full' });
  expect(only).toHaveLength(32);
  const three = await peerSeeds(keys, { identities: 3, role: 'leaf' });
  expect(three[0]).toEqual(only);
  expect(new Set(three.map(String)).size).toBe(3);
  expect(await peerSeeds(keys, { identities: 3, role: 'leaf' })).toEqual(three);
});

test('only a leaf has several identities', async () => {
  for (const role of ['full', 'super'] as const) await expect(peerSeeds(new MemoryKeyStore(), { identities: 2, role })).rejects.toMatchObject({ code: 'BAD_CONFIG', hint: expect.stringContaining('SOUK_ROLE=leaf') });
});
