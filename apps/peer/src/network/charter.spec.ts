import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { appendSite, formatInvite, parseInvite, putCharter, readCharter } from '@souk/contracts';
import { amended, formatCharter, networkIdOf, seedFrom, signCharter, signerOf, toHex, type Amendment, type CharterFields } from '@souk/domain';
import { author } from '@souk/testing';
import { TestPeer } from '../testing/test-peer.ts';
import { introductionLimits } from './chartered.ts';

const key = seedFrom('network');
const env = { SOUK_NETWORK_KEY: toHex(key) };
const [authority, thief] = [signerOf(seedFrom('authority')), signerOf(seedFrom('thief'))];
const first: CharterFields = { network: networkIdOf(key), version: 1, at: 0, supers: [], scopes: [], limits: {} };
const textOf = (fields: CharterFields, signer = authority): string => formatCharter(signCharter(fields, signer).signed);
const next = (fields: CharterFields, amendment: Amendment): CharterFields => amended(fields, amendment, 0);

/** Resolves when a peer holds this version of the charter. */
async function holds(peer: TestPeer, version: number): Promise<void> {
  const { charter } = peer.runtime;
  if (charter.current()?.version === version) return;
  await new Promise<void>((resolve) => charter.onChanged((held) => (held.version === version ? resolve() : undefined)));
}

/** Resolves when a peer is linked to these super-peers and no others. */
async function countsAsSupers(peer: TestPeer, ...supers: readonly TestPeer[]): Promise<void> {
  const { node } = peer.runtime;
  const wanted = supers.map((one) => one.runtime.node.peerId).sort().join();
  const isSo = (): boolean => [...node.superPeers()].sort().join() === wanted;
  if (!isSo()) await new Promise<void>((resolve) => node.onLinks(() => (isSo() ? resolve() : undefined)));
}

test('a charter that one site is given reaches whoever joined by its invite, and says who the super-peers are', async () => {
  await using superPeer = await TestPeer.start({ env: { ...env, SOUK_ROLE: 'super' } });
  await using impostor = await TestPeer.start({ env: { ...env, SOUK_ROLE: 'super' } });
  const one = next(first, { supers: superPeer.runtime.node.multiaddrs() });
  expect(await superPeer.rpc.call(putCharter, { text: textOf(one) })).toMatchObject({ version: 2, supers: one.supers });
  const invite = await superPeer.invite();
  expect(parseInvite(invite).authority).toBe(superPeer.runtime.charter.authority());
  const folder = mkdtempSync(join(tmpdir(), 'souk-leaf-'));
  const leafEnv = { SOUK_JOIN: invite, SOUK_ROLE: 'leaf', SOUK_SUPERS: impostor.runtime.node.multiaddrs().join(',') };
  const leaf = await TestPeer.start({ env: leafEnv, folder });
  await Promise.all([holds(leaf, 2), countsAsSupers(leaf, superPeer)]);
  await leaf.runtime.node.checkFreshness();
  const freshness = { stale: false, needed: 1, attested: [{ peer: superPeer.runtime.node.peerId }] };
  expect((await leaf.self()).status).toMatchObject({ charter: { version: 2, supers: 1 }, supers: [superPeer.runtime.node.peerId], freshness });
  await leaf.stop();
  const again = await TestPeer.start({ env: { SOUK_ROLE: 'leaf' }, folder });
  expect((await again.rpc.call(readCharter, {})).version).toBe(2);
  await countsAsSupers(again, superPeer);
  await again.stop();
  rmSync(folder, { recursive: true });
});

test('what the charter binds is bound at every site, before what the site decides, until the charter says otherwise', async () => {
  const [ada, eve] = [author('ada'), author('eve')];
  const bound = next(first, { scopes: [{ name: '@team/*', publisher: ada.id }] });
  await using a = await TestPeer.start({ env });
  await a.rpc.call(putCharter, { text: textOf(bound) });
  await using b = await TestPeer.start({ env: { SOUK_JOIN: await a.invite() } });
  await holds(b, 2);
  await b.runtime.bindings.apply();
  expect(b.runtime.policy.boundTo('@team/kit')).toBe(ada.id);
  await expect(b.rpc.call(appendSite, { kind: 'bind', body: { names: ['@team/*'], publisher: eve.id, by: 'policy' } })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await a.rpc.call(putCharter, { text: textOf(next(bound, { dropScopes: ['@team/*'] })) });
  await holds(b, 3);
  await b.runtime.bindings.apply();
  expect(b.runtime.policy.boundTo('@team/kit')).toBeUndefined();
});

test('a site takes no charter that is older, forged, or of another authority, and none before it knows who signs them', async () => {
  await using a = await TestPeer.start({ env });
  await expect(a.rpc.call(readCharter, {})).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await a.runtime.charter.offer(signCharter(first, authority).signed, 'somebody')).toBe(false);
  await a.rpc.call(putCharter, { text: textOf({ ...first, version: 5 }) });
  await expect(a.rpc.call(putCharter, { text: textOf(first) })).rejects.toMatchObject({ code: 'BAD_CHARTER', details: { version: 1, held: 5 } });
  await expect(a.rpc.call(putCharter, { text: textOf({ ...first, version: 9 }, thief) })).rejects.toMatchObject({ code: 'BAD_CHARTER' });
  await expect(a.rpc.call(putCharter, { text: textOf({ ...first, version: 9, network: 'fedcba9876543210' }) })).rejects.toMatchObject({ code: 'BAD_CHARTER' });
  await expect(a.rpc.call(putCharter, { text: 'souk-charter1' })).rejects.toMatchObject({ code: 'BAD_CHARTER' });
  expect((await a.rpc.call(readCharter, {})).version).toBe(5);
});

test('a site that belongs to one authority does not start with the invite or the charter of another', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'souk-charter-'));
  const file = join(folder, 'network.charter');
  writeFileSync(file, textOf(first));
  const data = join(folder, 'data');
  const site = await TestPeer.start({ env: { ...env, SOUK_CHARTER: file }, folder: data });
  expect((await site.rpc.call(readCharter, {})).version).toBe(1);
  await site.stop();
  writeFileSync(file, textOf(first, thief));
  await expect(TestPeer.start({ env: { ...env, SOUK_CHARTER: file }, folder: data })).rejects.toMatchObject({ code: 'BAD_CONFIG' });
  const invite = formatInvite({ addresses: ['/ip4/127.0.0.1/tcp/1'], networkKey: key, authority: signCharter(first, thief).authority });
  await expect(TestPeer.start({ env: { SOUK_JOIN: invite }, folder: data })).rejects.toMatchObject({ code: 'BAD_CONFIG' });
  rmSync(folder, { recursive: true });
});

test('the charter lowers what a peer may introduce here, and raises nothing', async () => {
  await using a = await TestPeer.start({ env: { ...env, SOUK_INTRODUCED_LOGS: '5000' } });
  await a.rpc.call(putCharter, { text: textOf({ ...first, limits: { logs: 9000, names: 7 } }) });
  expect({ ...introductionLimits({ logs: 5000, names: 5000, bytes: 5000 }, a.runtime.charter) }).toEqual({ logs: 5000, names: 7, bytes: 5000 });
});
