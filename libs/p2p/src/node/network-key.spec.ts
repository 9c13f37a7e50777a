import { expect, test } from '@jest/globals';
import { networkIdOf, seedFrom } from '@souk/domain';
import { author, network } from '@souk/testing';

test.each([
  ['another key', seedFrom('another network')],
  ['no key', undefined],
])('a peer with %s fails the handshake, as dialler and as dialled', async (_what, networkKey) => {
  await using net = network();
  const inside = await net.peer('inside');
  const outside = await net.peer('outside', { networkKey });
  const unreachable = { code: 'PEER_UNREACHABLE', hint: expect.stringContaining('network key') };
  await expect(outside.node.dial(inside.node.multiaddrs()[0] as string)).rejects.toMatchObject(unreachable);
  await expect(inside.node.dial(outside.node.multiaddrs()[0] as string)).rejects.toMatchObject(unreachable);
  expect([inside.node.links(), outside.node.links()]).toEqual([[], []]);
});

test('peers without a key form an open network', async () => {
  await using net = network({ networkKey: undefined });
  const a = await net.peer('a');
  const b = await net.peer('b', { join: [a] });
  const ada = author('ada');
  await a.publishes(...ada.records);
  await b.holds(...ada.records);
  expect(a.node.networkId).toBe('open');
});

test('a network is named without giving its key away', () => {
  const key = seedFrom('network');
  expect(networkIdOf(key)).toMatch(/^[0-9a-f]{16}$/);
  expect(networkIdOf(key)).not.toBe(networkIdOf(seedFrom('another network')));
  expect(Buffer.from(key).toString('hex')).not.toContain(networkIdOf(key));
});
