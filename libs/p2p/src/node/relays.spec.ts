import { expect, test } from '@jest/globals';
import { network, seededBytes, until, type TestNetwork, type TestPeer } from '@souk/testing';
import type { RelayLimits } from './relays.ts';

const generous: RelayLimits = { reservations: 8, bytes: 16_777_216, ms: 600_000 };
const quick = { limits: { dhtMs: 300, hedgeMs: 50 } };

/** Whether a peer says that it is reached through a relay. */
const isRelayed = (peer: TestPeer): boolean => peer.node.multiaddrs().some((address) => address.includes('/p2p-circuit'));

/** A super-peer that relays, and a leaf that nobody can dial: it listens nowhere but at relays. */
async function scene(net: TestNetwork, serve: RelayLimits): Promise<{ superPeer: TestPeer; hidden: TestPeer }> {
  const superPeer = await net.peer('super', { role: 'super', relay: { serve } });
  const hidden = await net.peer('hidden', { role: 'leaf', supers: [superPeer], listen: [], relay: { use: true } });
  await until(() => isRelayed(hidden), hidden.changes);
  return { superPeer, hidden };
}

test('a leaf that nobody can dial serves a blob to another leaf through the relay of a super-peer', async () => {
  await using net = network(quick);
  const { superPeer, hidden } = await scene(net, generous);
  expect(hidden.node.multiaddrs().every((address) => address.includes(`${superPeer.id}/p2p-circuit`))).toBe(true);
  const facts = await hidden.keeps(seededBytes('template', 300_000));
  void hidden.node.provide([facts.cid]);
  const seeker = await net.peer('seeker', { role: 'leaf', supers: [superPeer], relay: {} });
  await Promise.all([superPeer.indexes(3, 1), seeker.hasSupers(1)]);
  expect(await seeker.fetches(facts)).toMatchObject({ providers: [hidden.id], already: false });
});

test('a relayed connection that carries more than it may is broken: what is too large for it does not come through', async () => {
  await using net = network(quick);
  const { superPeer, hidden } = await scene(net, { ...generous, bytes: 100_000 });
  const facts = await hidden.keeps(seededBytes('template', 900_000));
  void hidden.node.provide([facts.cid]);
  const seeker = await net.peer('seeker', { role: 'leaf', supers: [superPeer], relay: {} });
  await Promise.all([superPeer.indexes(3, 1), seeker.hasSupers(1)]);
  await expect(seeker.fetches(facts)).rejects.toMatchObject({ code: 'NO_PROVIDER' });
});

test('a relay that is full takes nobody else in until somebody leaves, and a super-peer that does not relay nobody at all', async () => {
  await using net = network(quick);
  const { superPeer, hidden } = await scene(net, { ...generous, reservations: 2 });
  const behind = (name: string, relay: TestPeer): Promise<TestPeer> => net.peer(name, { role: 'leaf', supers: [relay], listen: [`${relay.node.multiaddrs()[0] ?? ''}/p2p-circuit`], relay: {} });
  expect(isRelayed(await behind('second', superPeer))).toBe(true);
  await expect(behind('third', superPeer)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  await hidden.node.stop();
  await superPeer.cutFrom(hidden);
  expect(isRelayed(await behind('fourth', superPeer))).toBe(true);
  await expect(behind('other', await net.peer('plain', { role: 'super' }))).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});
