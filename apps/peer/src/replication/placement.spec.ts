import { expect, test } from '@jest/globals';
import { writeCar } from '@souk/archive';
import { carType } from '@souk/contracts';
import { assignedOrdinals, blobCid, sha256Of } from '@souk/domain';
import { author, packed, type Packed } from '@souk/testing';
import { TestSite } from '../testing/test-site.ts';

/** A package whose blob belongs on these peers of three. */
async function goodsFor(...ordinals: number[]): Promise<Packed> {
  for (let minor = 0; ; minor += 1) {
    const one = await packed('lamp', `1.${minor}.0`);
    if (assignedOrdinals(one.cid, { peers: 3, copies: 2 }).every((ordinal) => ordinals.includes(ordinal))) return one;
  }
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}

test('another peer stands in for one that is away, keeps what was acknowledged, and lets go of it only when the right ones have it', async () => {
  await using site = await TestSite.start({ peers: 3 });
  const ada = author('ada');
  const goods = await goodsFor(1, 2);
  await site.stop(2);
  ada.device.write('release', goods.body);
  await site.publish(goods, ada.records);
  expect(await site.holders(goods.cid)).toEqual([0, 1]);
  const { retention } = site.peer(0).runtime;
  await retention.namesTaken();
  expect(await retention.ledger.get(goods.cid)).toMatchObject({ keeping: 'cached', isElsewhere: true });
  expect(await retention.evictor.drop(goods.cid, ['cached'])).toBe(false);
  await site.run(2);
  await until(async () => (await site.holders(goods.cid)).includes(2));
  for (const ordinal of [1, 2]) await site.peer(ordinal).runtime.retention.namesTaken();
  expect(await retention.evictor.drop(goods.cid, ['cached'])).toBe(true);
  expect(await site.holders(goods.cid)).toEqual([1, 2]);
  expect((await site.peer(0).blob(goods.cid)).status).toBe(200);
});

test('any peer answers for a blob that a sibling has, and asks nobody on behalf of a sibling', async () => {
  await using site = await TestSite.start({ peers: 2, copies: 1 });
  const { cid, bytes } = await packed('lamp', '1.0.0');
  await site.peer(1).upload(cid, bytes);
  expect((await site.peer(0).blob(cid, { headers: { 'souk-on-disk-only': '1' } })).status).toBe(404);
  expect(await site.holders(cid)).toEqual([1]);
  const answer = await site.peer(0).blob(cid);
  expect(new Uint8Array(await answer.arrayBuffer())).toEqual(bytes);
  expect((await site.peer(0).blob(blobCid(sha256Of(new Uint8Array([1]))))).status).toBe(404);
});

test('many records at once are acknowledged like few: on two disks with their blobs', async () => {
  await using site = await TestSite.start({ peers: 2 });
  const ada = author('ada');
  const goods: Packed[] = [];
  for (let minor = 0; minor < 70; minor += 1) goods.push(await packed('lamp', `1.${minor}.0`));
  for (const { body } of goods) ada.device.write('release', body);
  const uploaded = await site.peer(0).blobs({ method: 'POST', body: writeCar(goods), headers: { 'content-type': carType } });
  expect(uploaded.status).toBe(201);
  for (const { cid } of goods) expect(await site.holders(cid)).toEqual([0, 1]);
  await site.peer(0).append(...ada.records);
  expect(await site.arrivals()).toEqual([73, 73]);
  for (const { cid } of goods) expect(await site.holders(cid)).toEqual([0, 1]);
});

test('the control: with one copy an acknowledged record is gone with the disk', async () => {
  await using site = await TestSite.start({ peers: 2, copies: 1 });
  await site.stop(1);
  const ada = author('ada');
  await site.peer(0).append(...ada.root.records);
  await site.stop(0);
  await site.empty(0);
  await site.run(1);
  await site.run(0);
  expect(await site.arrivals()).toEqual([0, 0]);
});
