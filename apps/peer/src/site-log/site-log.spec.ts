import { expect, test } from '@jest/globals';
import { readSiteChanges, appendSite, siteMoved } from '@souk/contracts';
import { foldSite, fromWire, keyId, MemoryKeyStore, MemoryLogStore, seedFrom, SiteChain, signerOf, SiteIntent, type SiteState } from '@souk/domain';
import { epoch } from '@souk/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestPeer } from '../testing/test-peer.ts';
import { SiteLog, siteKeyName } from './site-log.ts';

const account = (id: string): SiteIntent => ({ kind: 'account', body: { id, name: id, role: 'admin' } });
const now = (): number => epoch;

/** What a service makes of all that a peer answers, page by page. */
async function followed(peer: TestPeer, limit: number): Promise<{ chain: SiteChain; state: SiteState }> {
  const chain = new SiteChain();
  const records = [];
  for (;;) {
    const page = await peer.rpc.call(readSiteChanges, { after: chain.length, limit });
    for (const one of page.records) records.push(chain.take(fromWire(one)));
    if (chain.length === page.length) return { chain, state: foldSite(records) };
  }
}

test('an intent is signed by the site, on disk before it is acknowledged, told, and the same after a restart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'souk-site-log-'));
  try {
    const before = await TestPeer.start({ folder });
    const news = before.hears(siteMoved);
    expect(await before.rpc.call(readSiteChanges, { after: 0, limit: 10 })).toEqual({ records: [], length: 0 });
    expect(await before.rpc.call(appendSite, account('ada'))).toEqual({ added: true, length: 2 });
    expect(await news.next()).toEqual({ ordinal: 0, length: 2 });
    expect(await before.rpc.call(appendSite, account('ada'))).toEqual({ added: false, length: 2 });
    for (const id of ['ben', 'cyd', 'dee']) await before.rpc.call(appendSite, account(id));
    const { chain } = await followed(before, 2);
    await before.stop();
    await using after = await TestPeer.start({ folder });
    const again = await followed(after, 100);
    expect(again.chain.head).toEqual(chain.head);
    expect(again.state.accounts.accounts().map((one) => one.id)).toEqual(['ada', 'ben', 'cyd', 'dee']);
    expect(keyId(signerOf((await after.runtime.data.keys.get(siteKeyName)) as Uint8Array).publicKey)).toBe(chain.head?.key);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('appends at the same time are written one after the other', async () => {
  await using peer = await TestPeer.start();
  const ids = Array.from({ length: 20 }, (_, at) => `account-${at}`);
  const answers = await Promise.all(ids.map((id) => peer.rpc.call(appendSite, account(id))));
  expect(answers.every((one) => one.added)).toBe(true);
  expect((await followed(peer, 7)).state.accounts.accounts()).toHaveLength(20);
});

test('an intent that is not allowed is refused and writes nothing, and a kind that only the site itself writes is none', async () => {
  await using peer = await TestPeer.start();
  await expect(peer.rpc.call(appendSite, { kind: 'token-revoke', body: { id: '0'.repeat(16) } })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(peer.rpc.call(appendSite, { kind: 'inception', body: {} } as never)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  expect(await peer.rpc.call(readSiteChanges, { after: 0, limit: 10 })).toEqual({ records: [], length: 0 });
});

test('a peer that is not the primary writes nothing', async () => {
  const needs = { store: new MemoryLogStore({ now }), keys: new MemoryKeyStore(), now };
  const log = await SiteLog.open({ ...needs, isWriter: false });
  await expect(log.append(account('ada'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await log.note(() => [{ kind: 'unban', body: {} }]);
  expect([await needs.keys.list(), (await needs.store.size()).records]).toEqual([[], 0]);
});

test('a log that was restored without its key is said again under a new one, also when that was interrupted', async () => {
  const store = new MemoryLogStore({ now });
  const first = await SiteLog.open({ store, keys: new MemoryKeyStore(), isWriter: true, now });
  for (const intent of [account('ada'), account('ben'), account('ada')]) await first.append(intent);
  const read = async (log: SiteLog): Promise<SiteChain> => {
    const chain = new SiteChain();
    for (const one of (await log.read(0, 100)).records) chain.take(fromWire(one));
    return chain;
  };
  const keys = new MemoryKeyStore();
  await keys.create(siteKeyName, seedFrom('the key of a restore that was interrupted'));
  const restored = await SiteLog.open({ store, keys, isWriter: true, now });
  expect([restored.length, restored.state.accounts.accounts()]).toEqual([3, first.state.accounts.accounts()]);
  expect((await read(restored)).head?.key).not.toBe((await read(first)).head?.key);
  await restored.append(account('cyd'));
  const again = await SiteLog.open({ store, keys, isWriter: true, now });
  expect([again.length, (await read(again)).length]).toEqual([4, 4]);
  const replica = await SiteLog.open({ store, keys: new MemoryKeyStore(), isWriter: false, now });
  expect((await read(replica)).head).toEqual((await read(again)).head);
});
