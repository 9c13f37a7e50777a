import { expect, test } from '@jest/globals';
import { LogWriter, network, type TestPeer } from '@souk/testing';

const logs = (name: string, count: number) => Array.from({ length: count }, (_, at) => new LogWriter(`${name}/${at}`).writeBytes('note', Uint8Array.of(0xa0)));
const lagOf = (peer: TestPeer, other: TestPeer) => peer.node.lag().find((one) => one.peer === other.id);

test('a peer tells how many records it is behind another one, since when, and that it is level again', async () => {
  await using net = network();
  let now = 0;
  const source = await net.peer('source');
  await source.logs.append(logs('many', 15));
  const behind = await net.peer('behind', { introductions: { perDay: { logs: 10, names: 10, bytes: 200_000 }, now: () => now } });
  await behind.node.dial(source.node.multiaddrs()[0] as string);
  await behind.node.syncWith(source.id);
  expect(lagOf(behind, source)).toMatchObject({ inSync: false, behind: 5, since: expect.any(Number), exchangedAt: expect.any(Number) });
  now = 86_400_000;
  await behind.node.syncWith(source.id);
  expect(lagOf(behind, source)).toEqual({ peer: source.id, inSync: true, exchangedAt: expect.any(Number), records: 5 });
  expect(behind.node.lag()).toHaveLength(1);
});

test('an exchange that failed is told with its reason until one has ended well', async () => {
  await using net = network();
  const source = await net.peer('source');
  await source.logs.append(logs('few', 3));
  const store = await net.peer('store');
  await store.node.dial(source.node.multiaddrs()[0] as string);
  await store.node.syncWith(source.id);
  const append = store.logs.append.bind(store.logs);
  store.logs.append = () => Promise.reject(new Error('the disk is gone'));
  // Nobody is told of them: the exchange below is the only one.
  await source.logs.append(logs('later', 2));
  await source.node.announceRecords([]);
  await expect(store.node.syncWith(source.id)).rejects.toThrow('the disk is gone');
  expect(lagOf(store, source)).toMatchObject({ inSync: false, behind: 2, error: { code: 'INTERNAL', at: expect.any(Number) } });
  store.logs.append = append;
  await store.node.syncWith(source.id);
  expect(lagOf(store, source)).toMatchObject({ inSync: true });
  expect(lagOf(store, source)).not.toHaveProperty('error');
});
