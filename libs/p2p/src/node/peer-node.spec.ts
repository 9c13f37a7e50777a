import { expect, test } from '@jest/globals';
import { MemoryBlobStore, MemoryLogStore, peerIdOf, seedFrom, signerOf } from '@souk/domain';
import { author, network, until } from '@souk/testing';
import { createPeerNode } from '../create-peer-node.ts';
import type { PeerNeeds } from '../peer-node.ts';

function needs(): PeerNeeds {
  const silent = (): void => undefined;
  return { logs: new MemoryLogStore({ now: Date.now }), blobs: new MemoryBlobStore(), log: { debug: silent, info: silent, warn: silent, error: silent } };
}

test('a port that is taken is a clear error', async () => {
  await using net = network();
  const a = await net.peer('a');
  const taken = (a.node.multiaddrs()[0] as string).split('/p2p/')[0] as string;
  const late = await createPeerNode(needs(), { seed: seedFrom('late'), listen: [taken] });
  await expect(late.start()).rejects.toMatchObject({ code: 'PORT_IN_USE', message: expect.stringContaining(taken) });
  await late.stop();
});

test('options that can not be meant are refused before anything runs', async () => {
  const seed = seedFrom('x');
  for (const wrong of [{ seed: new Uint8Array(31) }, { seed, networkKey: new Uint8Array(16) }, { seed, listen: ['localhost:80'] }, { seed, bootstrap: ['nonsense'] }]) {
    await expect(createPeerNode(needs(), wrong)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  }
});

test('what can not be dialled is told apart', async () => {
  await using net = network();
  const a = await net.peer('a');
  await expect(a.node.dial('nonsense')).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  await expect(a.node.dial('/ip4/127.0.0.1/tcp/1')).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
  await expect(a.node.dial('/ip4/127.0.0.1/tcp/1', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
});

test('its identity follows from its seed, stop may be called twice, and a stopped node stays stopped', async () => {
  const [one, two] = await Promise.all([createPeerNode(needs(), { seed: seedFrom('x') }), createPeerNode(needs(), { seed: seedFrom('x') })]);
  expect(one.peerId).toBe(two.peerId);
  expect(one.peerId).toBe(peerIdOf(signerOf(seedFrom('x')).publicKey));
  await one.start();
  expect(one.multiaddrs()).toEqual([expect.stringMatching(new RegExp(`^/ip4/127.0.0.1/tcp/[1-9][0-9]*/p2p/${one.peerId}$`))]);
  await Promise.all([one.stop(), one.stop()]);
  await expect(one.start()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await two.stop();
});

test('a peer that is not admitted can not be linked, and one that is hung up on is gone', async () => {
  await using net = network();
  const a = await net.peer('a', { admit: (peer) => peer !== banned });
  const friend = await net.peer('friend');
  const enemy = await net.peer('enemy');
  const banned = enemy.id;
  await expect(enemy.node.dial(a.node.multiaddrs()[0] as string).then(() => enemy.cutFrom(a))).resolves.toBeUndefined();
  await expect(a.node.dial(enemy.node.multiaddrs()[0] as string)).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
  await friend.node.dial(a.node.multiaddrs()[0] as string);
  await a.linkedTo(friend);
  await a.node.hangUp(friend.id);
  await a.cutFrom(friend);
});

test('a restarted peer finds its network again without its first contact', async () => {
  await using net = network();
  const first = await net.peer('first');
  const third = await net.peer('third', { join: [first] });
  let kept: readonly string[] = [];
  let told = (): void => undefined;
  const onRemember = (addresses: readonly string[]): void => {
    kept = addresses;
    told();
  };
  const second = await net.peer('second', { join: [first], onRemember });
  await until(() => kept.length === 2, (changed) => {
    told = changed;
    return () => undefined;
  });
  expect(kept.map((address) => address.split('/p2p/')[1]).toSorted()).toEqual([first.id, third.id].toSorted());
  await net.stop(second);
  await net.stop(first);
  const ada = author('ada');
  await third.publishes(...ada.records);
  const again = await net.peer('second', { remembered: kept });
  await again.linkedTo(third);
  await again.holds(...ada.records);
});

test('a peer that starts before its first contact is linked when that appears', async () => {
  await using net = network();
  const reserve = await net.peer('reserve');
  const address = reserve.node.multiaddrs()[0] as string;
  await net.stop(reserve);
  const early = await net.peer('early', { join: [address] });
  const contact = await net.peer('reserve', { listen: [address.split('/p2p/')[0] as string] });
  await early.linkedTo(contact);
});

test('strangers who link a peer do not keep it from its first contact, however few links it seeks', async () => {
  await using net = network({ limits: { neighbours: 2 } });
  const reserve = await net.peer('reserve');
  const address = reserve.node.multiaddrs()[0] as string;
  await net.stop(reserve);
  const early = await net.peer('early', { join: [address] });
  const strangers = await Promise.all(['one', 'two', 'three'].map((name) => net.peer(`stranger ${name}`, { join: [early] })));
  await early.linkedTo(...strangers);
  const contact = await net.peer('reserve', { listen: [address.split('/p2p/')[0] as string] });
  await early.linkedTo(contact);
});

test('a listener that fails keeps nobody else from hearing', async () => {
  await using net = network();
  const a = await net.peer('a');
  const b = await net.peer('b', { join: [a] });
  const ada = author('ada');
  b.node.onRecords(() => {
    throw new Error('a bug elsewhere');
  });
  const heard = new Promise((resolve) => b.node.onRecords((records) => resolve(records[0]?.arrival)));
  await b.linkedTo(a);
  await a.publishes(...ada.records);
  await expect(heard).resolves.toBe(1);
  expect(b.lines).toContainEqual(expect.objectContaining({ level: 'error', message: 'a listener failed' }));
});
