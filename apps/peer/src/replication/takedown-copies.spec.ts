import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { appendSite } from '@souk/contracts';
import type { Cid, KeyId, PackageName, SiteIntent } from '@souk/domain';
import { author, packed } from '@souk/testing';
import { TestSite } from '../testing/test-site.ts';

const takedown = (name: string): SiteIntent => ({ kind: 'takedown', body: { subject: { type: 'version', name: name as PackageName, version: '1.0.0' as never, cids: [] }, reason: 'by court order' } });

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 120_000;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error('It did not come true.');
    await pause(20);
  }
}

/** The peers that still have a body or the blob of what was taken down. */
async function keepers(site: TestSite, key: KeyId, seq: number, cid: Cid): Promise<number[]> {
  const holders = await site.holders(cid);
  const bodies = await Promise.all(site.ordinals.map(async (ordinal) => (await site.peer(ordinal).runtime.data.logs.read(key, seq, 1))[0]?.record.body));
  return site.ordinals.filter((ordinal) => holders.includes(ordinal) || bodies[ordinal] !== undefined);
}

test('a takedown erases bodies and blobs on every peer of a site, while they run', async () => {
  await using site = await TestSite.start({ peers: 3, copies: 3 });
  const ada = author('ada');
  const goods = await packed('kit', '1.0.0');
  const release = ada.device.write('release', goods.body);
  await site.publish(goods, [...ada.root.records, ...ada.device.records]);
  expect(await keepers(site, release.key, release.fields.seq, goods.cid)).toEqual([0, 1, 2]);
  await site.peer(0).rpc.call(appendSite, takedown('kit'));
  await until(async () => (await keepers(site, release.key, release.fields.seq, goods.cid)).length === 0);
});

test('a release that reaches a replica after its takedown is erased there too', async () => {
  await using site = await TestSite.start({ peers: 2, copies: 1 });
  const replica = site.peer(1).runtime;
  const { keeper } = replica.site.orders.catalogue;
  const take = keeper.take.bind(keeper);
  const held = Promise.withResolvers<void>();
  const isComing = Promise.withResolvers<void>();
  keeper.take = async (slice) => {
    isComing.resolve();
    await held.promise;
    return take(slice);
  };
  const ada = author('ada');
  const goods = await packed('kit', '1.0.0');
  const { key, fields } = ada.device.write('release', goods.body);
  await site.publish(goods, [...ada.root.records, ...ada.device.records]);
  await isComing.promise;
  await site.peer(0).rpc.call(appendSite, takedown('kit'));
  await until(async () => replica.siteLog.state.takedowns.any);
  held.resolve();
  await until(async () => (await site.arrivals())[1] === 4);
  await until(async () => (await keepers(site, key, fields.seq, goods.cid)).length === 0);
});
