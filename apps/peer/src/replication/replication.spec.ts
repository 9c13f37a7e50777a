import { expect, test } from '@jest/globals';
import { appendRecords, readPackage, readSiteChanges } from '@souk/contracts';
import { assignedOrdinals, toWire, type Cid, type PackageName } from '@souk/domain';
import { author, packed, type Author } from '@souk/testing';
import { TestSite } from '../testing/test-site.ts';

async function publish(site: TestSite, by: Author, name: string, version: string): Promise<{ readonly cid: Cid; readonly added: number }> {
  const goods = await packed(name, version);
  by.device.write('release', goods.body);
  return { cid: goods.cid, added: await site.publish(goods, [...by.root.records, ...by.device.records]) };
}

test('what is acknowledged is on the disks of two of three peers, in one order, and its blob too', async () => {
  await using site = await TestSite.start({ peers: 3 });
  const ada = author('ada');
  const { cid, added } = await publish(site, ada, 'x', '1.0.0');
  expect(added).toBe(4);
  const [first, ...others] = await site.arrivals();
  expect(first).toBe(4);
  expect(others).toContain(4);
  expect((await site.holders(cid)).length).toBeGreaterThanOrEqual(2);
  await publish(site, ada, 'x', '1.1.0');
  await publish(site, author('bob'), 'y', '1.0.0');
  const orders = await Promise.all(
    site.ordinals.map(async (ordinal) => {
      const { site: peers, data } = site.peer(ordinal).runtime;
      await peers.orders.catalogue.keeper.reached(await site.peer(0).runtime.data.logs.order(), AbortSignal.timeout(5000));
      return data.logs.since(0, 100);
    }),
  );
  expect(orders[0]).toHaveLength(9);
  expect(orders[1]).toEqual(orders[0]);
  expect(orders[2]).toEqual(orders[0]);
});

test('a replica takes nothing from publishers, and says who does', async () => {
  await using site = await TestSite.start({ peers: 2 });
  const records = author('ada').root.records.map(toWire);
  await expect(site.peer(1).rpc.call(appendRecords, { records }, { ordinal: 1 })).rejects.toMatchObject({ code: 'NOT_PRIMARY' });
  expect(await site.arrivals()).toEqual([0, 0]);
});

test('with too few peers nothing is acknowledged; the same bytes are, once they are back, and are there once', async () => {
  await using site = await TestSite.start({ peers: 2 });
  const ada = author('ada');
  await publish(site, ada, 'x', '1.0.0');
  const { bytes, cid, body } = await packed('x', '1.1.0');
  await site.peer(0).upload(cid, bytes);
  await site.stop(1);
  ada.device.write('release', body);
  await expect(site.peer(0).append(...ada.device.records)).rejects.toMatchObject({ code: 'UNAVAILABLE', hint: expect.stringContaining('Try again') });
  expect((await site.peer(0).upload(cid, bytes)).status).toBe(503);
  await site.run(1);
  await site.peer(0).append(...ada.device.records);
  expect(await site.peer(0).append(...ada.device.records)).toMatchObject({ added: 0 });
  expect(await site.arrivals()).toEqual([5, 5]);
  expect(await site.holders(cid)).toEqual([0, 1]);
});

test('a replica that goes after the record was written and before it has it: UNAVAILABLE, and 200 for the same bytes later', async () => {
  await using site = await TestSite.start({ peers: 2 });
  const ada = author('ada');
  const primary = site.peer(0);
  const { role } = primary.runtime.site;
  const requireTaking = role.requireTaking.bind(role);
  role.requireTaking = async () => {
    await requireTaking();
    await site.stop(1);
  };
  await expect(primary.append(...ada.root.records)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await site.arrivals()).toEqual([2]);
  role.requireTaking = requireTaking;
  await site.run(1);
  expect(await primary.append(...ada.root.records)).toMatchObject({ added: 0 });
  expect(await site.arrivals()).toEqual([2, 2]);
});

test('a replica with an empty disk comes back with everything, its blobs too', async () => {
  await using site = await TestSite.start({ peers: 2 });
  const ada = author('ada');
  const { cid } = await publish(site, ada, 'x', '1.0.0');
  await site.stop(1);
  await site.empty(1);
  const replica = await site.run(1);
  expect(await site.arrivals()).toEqual([4, 4]);
  expect(await site.holders(cid)).toEqual([0, 1]);
  expect(await replica.rpc.call(readPackage, { name: 'x' as PackageName }, { ordinal: 1 })).toMatchObject({ name: 'x' });
  expect((await replica.runtime.data.logs.writers()).length).toBe(2);
});

test('a primary with an empty disk takes everything back before it orders anything', async () => {
  await using site = await TestSite.start({ peers: 3 });
  const ada = author('ada');
  const { cid } = await publish(site, ada, 'x', '1.0.0');
  const before = await site.peer(0).runtime.data.logs.since(0, 10);
  await site.stop(0);
  await site.empty(0);
  await site.stop(2);
  const waiting = await site.run(0, { ready: false });
  await expect(waiting.append(...author('bob').root.records)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(waiting.unmet.map(({ name }) => name)).toContain('what the other peers hold');
  await site.run(2);
  await waiting.ready();
  expect(await waiting.runtime.data.logs.since(0, 10)).toEqual(before);
  expect(await site.holders(cid)).toEqual(expect.arrayContaining(assignedOrdinals(cid, { peers: 3, copies: 2 })));
  const bob = author('bob');
  await expect(publish(site, bob, 'x', '2.0.0')).rejects.toMatchObject({ code: 'NAME_TAKEN' });
  expect(await publish(site, ada, 'x', '1.1.0')).toMatchObject({ added: 1 });
});

test('a replica that lost its disk is level again, and knows it, although there is always something to bring', async () => {
  await using site = await TestSite.start({ peers: 2, copies: 1 });
  const ada = author('ada');
  await publish(site, ada, 'x', '1.0.0');
  const { role } = site.peer(0).runtime.site;
  const load = setInterval(() => role.wake(), 50);
  try {
    await site.stop(1);
    await site.empty(1);
    await site.run(1);
    expect(await site.arrivals()).toEqual([4, 4]);
  } finally {
    clearInterval(load);
  }
});

test('a peer that lost its disk answers no reader before it holds again what its site holds', async () => {
  await using site = await TestSite.start({ peers: 2 });
  await publish(site, author('ada'), 'x', '1.0.0');
  await site.stop(0);
  await site.empty(0);
  await site.stop(1);
  const { rpc } = await site.run(0, { ready: false });
  const x = { name: 'x' as PackageName };
  for (const read of [rpc.call(readPackage, x), rpc.call(readSiteChanges, { after: 0, limit: 10 })]) await expect(read).rejects.toMatchObject({ code: 'UNAVAILABLE', hint: expect.any(String) });
  await site.run(1);
  await site.peer(0).ready();
  expect(await rpc.call(readPackage, x)).toMatchObject({ name: 'x' });
});
