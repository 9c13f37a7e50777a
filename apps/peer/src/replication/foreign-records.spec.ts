import { isDeepStrictEqual } from 'node:util';
import { expect, test } from '@jest/globals';
import { readPackage } from '@souk/contracts';
import type { PackageName, SoukError, VerifiedRecord } from '@souk/domain';
import { author, packed, type Author } from '@souk/testing';
import { TestPeer } from '../testing/test-peer.ts';
import { TestSite } from '../testing/test-site.ts';

const env = { SOUK_NETWORK_KEY: '5'.repeat(64) };

/** Somebody's release of a name, at a site of its own in the same network. */
async function elsewhere(by: Author, name: string): Promise<TestPeer> {
  const peer = await TestPeer.start({ env });
  const { cid, bytes, body } = await packed(name, '1.0.0');
  await peer.upload(cid, bytes);
  by.device.write('release', body);
  await peer.append(...by.records);
  return peer;
}

async function syncs(peer: TestPeer, from: TestPeer): Promise<void> {
  const { multiaddrs } = (await from.self()).status;
  await peer.runtime.node.syncWith(await peer.runtime.node.dial(multiaddrs[0] as string));
}

const orderOf = async ({ runtime }: TestPeer): Promise<VerifiedRecord['hash'][]> => (await runtime.data.logs.since(0, 100)).map(({ record }) => record.hash);

test('two sites publish one name, and reach the peers of a third in different orders: all of its peers say the same of who was first', async () => {
  await using first = await elsewhere(author('ada'), 'lamp');
  await using second = await elsewhere(author('bob'), 'lamp');
  // The control: peers that order by themselves what reaches them do not agree.
  await using one = await TestPeer.start({ env });
  await using other = await TestPeer.start({ env });
  await syncs(one, first);
  await syncs(other, second);
  expect(await orderOf(one)).toHaveLength(4);
  expect(await orderOf(one)).not.toEqual(await orderOf(other));
  await using site = await TestSite.start({ peers: 3 });
  await Promise.all([syncs(site.peer(1), first), syncs(site.peer(2), second)]);
  await syncs(site.peer(1), second);
  await syncs(site.peer(2), first);
  const orders = await Promise.all(site.ordinals.map((ordinal) => orderOf(site.peer(ordinal))));
  expect(orders[0]).toHaveLength(8);
  expect(orders[1]).toEqual(orders[0]);
  expect(orders[2]).toEqual(orders[0]);
  // Whose name it is, or that it is nobody's when both came before the first was bound: the site log tells it, which reaches the replicas in its time.
  const said = (ordinal: number): Promise<unknown> => site.peer(0).rpc.call(readPackage, { name: 'lamp' as PackageName }, { ordinal }).catch(({ code, message }: SoukError) => ({ code, message }));
  const allSay = (): Promise<unknown[]> => Promise.all(site.ordinals.map(said));
  let docs = await allSay();
  while (docs.some((one) => !isDeepStrictEqual(one, docs[0]))) docs = await allSay();
  expect(docs[0]).not.toMatchObject({ code: 'PACKAGE_NOT_FOUND' });
});

test('while the primary is down a replica takes in nothing of others that it could not order; it comes later', async () => {
  await using site = await TestSite.start({ peers: 2 });
  await using other = await elsewhere(author('ada'), 'lamp');
  await site.stop(0);
  await expect(syncs(site.peer(1), other)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await site.arrivals()).toEqual([0]);
  await site.run(0);
  await syncs(site.peer(1), other);
  expect(await orderOf(site.peer(1))).toEqual(await orderOf(site.peer(0)));
  expect(await site.arrivals()).toEqual([4, 4]);
});

test('a fork that a replica learns is known to every peer of the site', async () => {
  await using site = await TestSite.start({ peers: 2 });
  const [ada, twin] = [author('ada'), author('ada')];
  await using honest = await elsewhere(ada, 'lamp');
  await using forked = await elsewhere(twin, 'torch');
  await syncs(site.peer(0), honest);
  await syncs(site.peer(1), forked);
  for (const ordinal of site.ordinals) expect(await site.peer(ordinal).runtime.data.logs.fork(ada.device.key)).toMatchObject({ key: ada.device.key, seq: 1 });
});
