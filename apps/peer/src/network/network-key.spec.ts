import { expect, test } from '@jest/globals';
import { MemoryKeyStore, MemoryLogStore, networkIdOf, seedFrom } from '@souk/domain';
import { author } from '@souk/testing';
import { networkKeyOf, type NetworkStores } from './network-key.ts';

const key = seedFrom('network');
const addresses = ['/ip4/127.0.0.1/tcp/1'];

const folder = (): NetworkStores & { logs: MemoryLogStore } => ({ keys: new MemoryKeyStore(), logs: new MemoryLogStore({ now: () => 0 }) });

async function usedOpenFolder(): Promise<NetworkStores> {
  const one = folder();
  await one.logs.append([...author('ada').records]);
  return one;
}

test('a new folder gets a key and keeps it', async () => {
  const one = folder();
  const made = await networkKeyOf(one, {});
  expect(made).toHaveLength(32);
  expect(await networkKeyOf(one, {})).toEqual(made);
  expect(await networkKeyOf(folder(), {})).not.toEqual(made);
});

test('a new folder takes the key of the invite, and needs the invite no more', async () => {
  const one = folder();
  expect(await networkKeyOf(one, { join: { addresses, networkKey: key } })).toEqual(key);
  expect(await networkKeyOf(one, {})).toEqual(key);
  expect(await networkKeyOf(one, { join: { addresses, networkKey: key } })).toEqual(key);
});

test('a folder of one network refuses the invite of another', async () => {
  const one = folder();
  await networkKeyOf(one, {});
  await expect(networkKeyOf(one, { join: { addresses, networkKey: key } })).rejects.toMatchObject({ code: 'BAD_INVITE' });
  await expect(networkKeyOf(one, { join: { addresses } })).rejects.toMatchObject({ code: 'BAD_INVITE' });
  await expect(networkKeyOf(await usedOpenFolder(), { join: { addresses, networkKey: key } })).rejects.toMatchObject({ code: 'BAD_INVITE' });
});

test('an open network has no key, also at the next start', async () => {
  expect(await networkKeyOf(folder(), { network: 'open' })).toBeUndefined();
  expect(await networkKeyOf(folder(), { join: { addresses } })).toBeUndefined();
  expect(await networkKeyOf(await usedOpenFolder(), {})).toBeUndefined();
});

test('the kind of network that is asked for must be the one that is there', async () => {
  const one = folder();
  await networkKeyOf(one, {});
  const contradiction = { code: 'BAD_CONFIG' };
  await expect(networkKeyOf(one, { network: 'open' })).rejects.toMatchObject(contradiction);
  await expect(networkKeyOf(await usedOpenFolder(), { network: 'private' })).rejects.toMatchObject(contradiction);
  await expect(networkKeyOf(folder(), { network: 'open', join: { addresses, networkKey: key } })).rejects.toMatchObject(contradiction);
  await expect(networkKeyOf(folder(), { network: 'private', join: { addresses } })).rejects.toMatchObject(contradiction);
});

test('a folder that says to which network it belongs is not taken for an open one when its key is missing', async () => {
  const restored = { ...(await usedOpenFolder()), belongs: networkIdOf(key) };
  await expect(networkKeyOf(restored, {})).rejects.toMatchObject({ code: 'BAD_CONFIG', message: expect.stringContaining(networkIdOf(key)), hint: expect.stringContaining('--join') });
  await expect(networkKeyOf(restored, { network: 'open' })).rejects.toMatchObject({ code: 'BAD_CONFIG' });
  await expect(networkKeyOf(restored, { join: { addresses, networkKey: seedFrom('other') } })).rejects.toMatchObject({ code: 'BAD_INVITE' });
  expect(await restored.keys.list()).toEqual([]);
  expect(await networkKeyOf(restored, { join: { addresses, networkKey: key } })).toEqual(key);
  expect(await networkKeyOf(restored, {})).toEqual(key);
});

test('a folder that says that its network is open takes no key', async () => {
  const open = { ...(await usedOpenFolder()), belongs: 'open' };
  expect(await networkKeyOf(open, {})).toBeUndefined();
  await expect(networkKeyOf(open, { join: { addresses, networkKey: key } })).rejects.toMatchObject({ code: 'BAD_INVITE' });
});
