import { expect, test } from '@jest/globals';
import { makeInvite, formatInvite } from '@souk/contracts';
import { MemoryKeyStore, MemoryLogStore, SoukError } from '@souk/domain';
import type { Rpc } from '@souk/nest';
import { siteNetwork } from './site-network.ts';
import { sitePlace } from './site-config.ts';

const key = new Uint8Array(32).fill(5);
const place = { ordinal: 0, peers: 3, copies: 2 };
const nothing = { join: undefined, networkKey: undefined, network: undefined };

/** Siblings that answer with an invite, or not at all. */
function needs(answering: readonly number[], keys = new MemoryKeyStore()) {
  const rpc = {
    call: async (contract: unknown, _input: unknown, { ordinal = 0 }: { ordinal?: number }) => {
      expect(contract).toBe(makeInvite);
      if (!answering.includes(ordinal)) throw new SoukError('UNAVAILABLE', 'nobody');
      return { invite: formatInvite({ addresses: ['/ip4/192.0.2.1/tcp/1'], networkKey: key }) };
    },
  } as unknown as Rpc;
  return { rpc, place, data: { keys, logs: new MemoryLogStore({ now: Date.now }) }, stopping: new AbortController().signal, patienceMs: 10 };
}

test('a peer of several with an empty disk takes the network of a sibling, and none of its addresses', async () => {
  expect(await siteNetwork(nothing, needs([2]))).toEqual({ join: { addresses: [], networkKey: key }, network: undefined });
});

test('it never founds a network: nobody can say that its siblings have none', async () => {
  await expect(siteNetwork(nothing, needs([]))).rejects.toMatchObject({ code: 'BAD_CONFIG', hint: expect.stringContaining('SOUK_NETWORK_KEY') });
  expect(await siteNetwork(nothing, { ...needs([]), place: { ordinal: 0, peers: 1, copies: 1 } })).toEqual({ join: undefined, network: undefined });
});

test('what it was told, or holds, is not asked for', async () => {
  expect(await siteNetwork({ ...nothing, networkKey: key }, needs([]))).toMatchObject({ join: { networkKey: key } });
  expect(await siteNetwork({ ...nothing, network: 'open' }, needs([]))).toEqual({ join: undefined, network: 'open' });
  const keys = new MemoryKeyStore();
  await keys.create('network', key);
  expect(await siteNetwork(nothing, needs([], keys))).toEqual({ join: undefined, network: undefined });
  await expect(siteNetwork({ ...nothing, networkKey: key, join: { addresses: [] } }, needs([]))).rejects.toMatchObject({ code: 'BAD_CONFIG' });
});

test('ordinals and copies that cannot be are refused with what to change', () => {
  expect(sitePlace({ ordinal: 0, peers: 1, copies: undefined })).toEqual({ ordinal: 0, peers: 1, copies: 1 });
  expect(sitePlace({ ordinal: 2, peers: 3, copies: undefined })).toEqual({ ordinal: 2, peers: 3, copies: 2 });
  expect(() => sitePlace({ ordinal: 3, peers: 3, copies: undefined })).toThrow(expect.objectContaining({ code: 'BAD_CONFIG', hint: expect.stringContaining('SOUK_PEERS') }));
  expect(() => sitePlace({ ordinal: 0, peers: 2, copies: 3 })).toThrow(expect.objectContaining({ code: 'BAD_CONFIG' }));
});
