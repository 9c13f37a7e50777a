import { expect, test } from '@jest/globals';
import { protocols } from '@souk/contracts';
import { keyId, seedFrom, type KeyId } from '@souk/domain';
import { author, LogWriter, network, TestList, until, type Author, type TestNetwork, type TestPeer, type TestPeerOptions } from '@souk/testing';

const keysOf = (one: Author): KeyId[] => [one.root.key, one.device.key];

/** A super-peer that holds what some publish. */
async function superWith(net: TestNetwork, name: string, ...authors: readonly Author[]): Promise<TestPeer> {
  const hub = await net.peer(name, { role: 'super' });
  for (const one of authors) await hub.publishes(...one.records);
  return hub;
}

/** A leaf that follows a list, once its super-peer pushes. */
async function follower(net: TestNetwork, name: string, list: TestList, supers: readonly TestPeer[], options: TestPeerOptions = {}): Promise<{ leaf: TestPeer; pushed: () => number }> {
  let [pushes, changed] = [0, (): void => undefined];
  const received = (protocol: string): void => {
    if (protocol === protocols.push) pushes += 1;
    changed();
  };
  const leaf = await net.peer(name, { role: 'leaf', supers, follows: list, tap: { received }, ...options });
  await until(() => pushes >= supers.length, (watcher) => {
    changed = watcher;
    return () => (changed = () => undefined);
  });
  return { leaf, pushed: () => pushes };
}

test('a leaf that follows a list takes the logs on it from whoever has them, and no others', async () => {
  await using net = network();
  const [ada, bob, eve] = [author('ada'), author('bob'), author('eve')];
  const hub = await superWith(net, 'super', ada, bob, eve);
  const { leaf } = await follower(net, 'leaf', new TestList(...keysOf(ada)), [hub]);
  await leaf.holds(...ada.records);
  await leaf.node.syncWith(hub.id);
  expect(await leaf.logs.size()).toMatchObject({ logs: 2 });
  expect(leaf.node.links().find((one) => one.peer === hub.id)?.inSync).toBe(true);
});

test('what is new of its logs is pushed to it, and of others nothing', async () => {
  await using net = network();
  const [ada, bob] = [author('ada'), author('bob')];
  const hub = await superWith(net, 'super', ada, bob);
  const { leaf, pushed } = await follower(net, 'leaf', new TestList(...keysOf(ada)), [hub]);
  await leaf.holds(...ada.records);
  const before = pushed();
  for (let turn = 0; turn < 5; turn += 1) await hub.publishes(bob.releases('bobs', `1.0.${turn}`));
  const release = ada.releases('adas', '1.0.0');
  await hub.publishes(release);
  await leaf.holds(release);
  expect(pushed() - before).toBe(1);
  expect(await leaf.logs.size()).toMatchObject({ logs: 2 });
});

test('a leaf whose list is too long to be told is pushed everything, and keeps what it follows', async () => {
  await using net = network();
  const [ada, bob] = [author('ada'), author('bob')];
  const hub = await superWith(net, 'super', ada);
  const list = new TestList(...keysOf(ada), ...Array.from({ length: 4000 }, (_, index) => keyId(seedFrom(`nobody ${index}`))));
  const { leaf } = await follower(net, 'leaf', list, [hub]);
  await leaf.holds(...ada.records);
  await hub.publishes(...bob.records);
  const release = ada.releases('adas', '1.0.0');
  await hub.publishes(release);
  await leaf.holds(release);
  expect(await leaf.logs.size()).toMatchObject({ logs: 2 });
});

test('a log that is listed later is brought at once, and pushed from then on', async () => {
  await using net = network();
  const [ada, bob] = [author('ada'), author('bob')];
  const hub = await superWith(net, 'super', ada, bob);
  const list = new TestList(...keysOf(ada));
  const { leaf } = await follower(net, 'leaf', list, [hub]);
  await leaf.holds(...ada.records);
  list.add(...keysOf(bob));
  await leaf.holds(...bob.records);
  const release = bob.releases('bobs', '1.0.0');
  await hub.publishes(release);
  await leaf.holds(release);
});

test('its own logs are followed without being listed: others get them, and what their author writes elsewhere comes back', async () => {
  await using net = network();
  const [ada, bob] = [author('ada'), author('bob')];
  const hub = await superWith(net, 'super', bob);
  const { leaf } = await follower(net, 'leaf', new TestList(), [hub]);
  await leaf.publishes(...ada.records);
  await hub.holds(...ada.records);
  const elsewhere = ada.releases('adas', '1.0.0');
  await hub.publishes(elsewhere);
  await leaf.holds(elsewhere);
  expect(await leaf.logs.size()).toMatchObject({ logs: 2 });
});

test('a log that forks is frozen at a leaf that follows it too', async () => {
  await using net = network();
  const [writer, twin] = [new LogWriter('twin'), new LogWriter('twin')];
  const common = writer.writeBytes('note', Uint8Array.of(0xa0));
  twin.writeBytes('note', Uint8Array.of(0xa0));
  const [one, other] = [writer.writeBytes('note', Uint8Array.of(0xa1, 0x61, 0x61, 1)), twin.writeBytes('note', Uint8Array.of(0xa1, 0x61, 0x61, 2))];
  const hub = await net.peer('super', { role: 'super' });
  await hub.publishes(common, one);
  const { leaf } = await follower(net, 'leaf', new TestList(writer.key), [hub]);
  await leaf.holds(common, one);
  await hub.logs.append([other]);
  await hub.node.announceRecords([]);
  await leaf.node.syncWith(hub.id);
  await leaf.knowsForkOf(writer.key);
  expect((await leaf.logs.fork(writer.key))?.seq).toBe(1);
});

test('it is fresh when it holds all of the logs that it follows, whatever else a super-peer signed', async () => {
  await using net = network();
  const named: string[] = [];
  const freshness = { superPeers: () => named };
  const [ada, bob] = [author('ada'), author('bob')];
  const hub = await net.peer('super', { role: 'super', freshness });
  named.push(hub.id);
  for (let index = 0; index < 60; index += 1) await hub.publishes(...author(`other ${index}`).records);
  await hub.publishes(...ada.records, ...bob.records);
  const list = new TestList(...keysOf(ada));
  const { leaf } = await follower(net, 'leaf', list, [hub], { freshness });
  await leaf.holds(...ada.records);
  await leaf.node.checkFreshness();
  expect(leaf.node.freshness()).toMatchObject({ isStale: false, attested: [{ peer: hub.id }] });
});

test('it is not fresh while a log that it follows lacks records that a super-peer signed', async () => {
  await using net = network();
  const named: string[] = [];
  const freshness = { superPeers: () => named };
  const [ada, bob] = [author('ada'), author('bob')];
  const hub = await net.peer('super', { role: 'super', freshness });
  named.push(hub.id);
  await hub.publishes(...ada.records, ...bob.records);
  const { leaf } = await follower(net, 'leaf', new TestList(...keysOf(ada)), [hub], { freshness, introductions: { perDay: { logs: 1, names: 1, bytes: 1 } } });
  await leaf.node.checkFreshness();
  expect(leaf.node.freshness()).toMatchObject({ isStale: true, attested: [] });
});

test('only a leaf follows a list: others rely on full and super-peers for all logs', async () => {
  await using net = network();
  await expect(net.peer('super', { role: 'super', follows: new TestList() })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  await expect(net.peer('full', { role: 'full', follows: new TestList() })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});
