import { expect, test } from '@jest/globals';
import { appendSite, readSiteChanges } from '@souk/contracts';
import { fromWire, verify } from '@souk/domain';
import { TestPeer } from '../testing/test-peer.ts';

test('nothing of the site log crosses to another peer; the same records in the logs that peers share do', async () => {
  await using ours = await TestPeer.start();
  await using theirs = await TestPeer.start({ env: { SOUK_JOIN: await ours.invite() } });
  const rootBefore = await ours.runtime.node.headRoot();
  for (const id of ['ada', 'ben']) await ours.rpc.call(appendSite, { kind: 'account', body: { id, name: id, role: 'admin' } });
  const { records } = await ours.rpc.call(readSiteChanges, { after: 0, limit: 10 });
  const own = records.map((one) => verify(fromWire(one)));
  const key = own[0]?.key as NonNullable<(typeof own)[0]>['key'];
  const sync = async (): Promise<void> => void (await theirs.runtime.node.syncWith(ours.runtime.node.peerId));
  await sync();
  expect(await ours.runtime.node.headRoot()).toBe(rootBefore);
  expect(await theirs.runtime.data.logs.head(key)).toBeUndefined();
  expect((await theirs.runtime.data.siteLog.size()).records).toBe(0);
  // The control: what is in the shared logs does cross, so the exchange above would have shown it.
  await ours.runtime.data.logs.append(own);
  await sync();
  expect(await theirs.runtime.data.logs.head(key)).toEqual(await ours.runtime.data.siteLog.head(key));
});
