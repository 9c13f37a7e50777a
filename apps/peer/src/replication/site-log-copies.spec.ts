import { expect, test } from '@jest/globals';
import { appendSite, readSiteChanges } from '@souk/contracts';
import type { WireRecord } from '@souk/domain';
import type { TestPeer } from '../testing/test-peer.ts';
import { TestSite } from '../testing/test-site.ts';

const account = (id: string) => ({ kind: 'account' as const, body: { id, name: id, role: 'admin' as const } });
const siteLogOf = async ({ rpc, ordinal }: TestPeer): Promise<WireRecord[]> => (await rpc.call(readSiteChanges, { after: 0, limit: 100 }, { ordinal })).records;

test('what is written into the site log is acknowledged when a replica has it too, which reads it in the same order', async () => {
  await using site = await TestSite.start({ peers: 2 });
  expect(await site.peer(0).rpc.call(appendSite, account('ada'))).toEqual({ added: true, length: 2 });
  expect(await siteLogOf(site.peer(1))).toEqual(await siteLogOf(site.peer(0)));
  expect(site.peer(1).runtime.siteLog.state.accounts.accounts()).toMatchObject([{ id: 'ada' }]);
  await expect(site.peer(1).rpc.call(appendSite, account('ben'), { ordinal: 1 })).rejects.toMatchObject({ code: 'NOT_PRIMARY' });
  await site.stop(1);
  await expect(site.peer(0).rpc.call(appendSite, account('ben'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('a primary with an empty disk takes the site log back and its key, and goes on with one chain', async () => {
  await using site = await TestSite.start({ peers: 2 });
  for (const id of ['ada', 'ben']) await site.peer(0).rpc.call(appendSite, account(id));
  const before = await siteLogOf(site.peer(0));
  await site.stop(0);
  await site.empty(0);
  const primary = await site.run(0);
  expect(await primary.rpc.call(appendSite, account('cyd'))).toEqual({ added: true, length: 4 });
  for (const { runtime } of [primary, site.peer(1)]) expect(runtime.siteLog.state.accounts.accounts().map(({ id }) => id)).toEqual(['ada', 'ben', 'cyd']);
  expect((await siteLogOf(primary)).slice(0, 3)).toEqual(before);
  expect(await siteLogOf(site.peer(1))).toEqual(await siteLogOf(primary));
});
