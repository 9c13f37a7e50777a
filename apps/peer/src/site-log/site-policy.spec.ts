import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { appendSite, readCandidates, readChanges, readLog, readPackage, readPolicyChanges, readVersion, siteMoved } from '@souk/contracts';
import { isSoukError, type BanSubject, type Cid, type PackageName, type SiteIntent, type VerifiedRecord } from '@souk/domain';
import type { PeerNode } from '@souk/p2p';
import { author, packed, until, type Author } from '@souk/testing';
import { TestPeer } from '../testing/test-peer.ts';

const named = (name: string): { name: PackageName } => ({ name: name as PackageName });

async function release(peer: TestPeer, by: Author, name: string, version = '1.0.0'): Promise<{ record: VerifiedRecord; cid: Cid }> {
  const { cid, bytes, body } = await packed(name, version);
  await peer.upload(cid, bytes);
  return { record: by.device.write('release', body), cid };
}

async function publish(peer: TestPeer, by: Author, name: string, version = '1.0.0'): Promise<Cid> {
  const { cid } = await release(peer, by, name, version);
  await peer.append(...by.records);
  return cid;
}

const decide = (peer: TestPeer, intent: SiteIntent): Promise<unknown> => peer.rpc.call(appendSite, intent);
const bind = (name: string, by: Author): SiteIntent => ({ kind: 'bind', body: { names: [name as PackageName], publisher: by.id, by: 'policy' } });

/** Bans for some milliseconds, or for longer when this machine takes as long as that to do it: a ban that would be over is refused. */
async function banFor(peer: TestPeer, subject: BanSubject, ms: number): Promise<void> {
  try {
    await decide(peer, ban(subject, Date.now() + ms));
  } catch (error) {
    if (!isSoukError(error) || error.code !== 'BAD_REQUEST') throw error;
    await banFor(peer, subject, ms * 4);
  }
}

const ban = (subject: BanSubject, until?: number): SiteIntent => ({ kind: 'ban', body: { subject, reason: 'spam', ...(until === undefined ? {} : { until }) } });
const takedown = (name: string, version: string): SiteIntent => ({ kind: 'takedown', body: { subject: { type: 'version', name: name as PackageName, version: version as never, cids: [] }, reason: 'by court order' } });
const boundTo = (peer: TestPeer, name: string): string | undefined => peer.runtime.siteLog.state.bindings.get(name)?.publisher;

async function folder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'souk-policy-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

test('a first sight is written down with the append, of the name and of its scope; another publisher stays out of the scope, until a decision lets it in', async () => {
  await using peer = await TestPeer.start();
  const [ada, eve] = [author('ada'), author('eve')];
  await publish(peer, ada, '@team/kit');
  expect([boundTo(peer, '@team/kit'), boundTo(peer, '@team/*')]).toEqual([ada.id, ada.id]);
  await release(peer, eve, '@team/other');
  await expect(peer.append(...eve.records)).rejects.toMatchObject({ code: 'NAME_TAKEN', details: { name: '@team/other', publisher: ada.id, scope: '@team/*' }, hint: expect.stringContaining('souk policy bind @team/other') });
  await decide(peer, bind('@team/other', eve));
  expect(await peer.append(...eve.records)).toMatchObject({ added: 4 });
});

test('what other peers send is bound when it arrives; two claims that come at once are a contest, which a decision ends', async () => {
  await using ours = await TestPeer.start();
  const [ada, eve, bob] = [author('ada'), author('eve'), author('bob')];
  await publish(ours, bob, 'solo');
  ada.releases('kit', '1.0.0');
  eve.releases('kit', '9.0.0');
  // Straight into the shared logs, as records that a sync brought at once.
  await ours.runtime.data.logs.append([...ada.records, ...eve.records]);
  await using theirs = await TestPeer.start({ env: { SOUK_JOIN: await ours.invite() } });
  await theirs.runtime.binder.settled();
  await theirs.runtime.siteLog.settled();
  expect(boundTo(theirs, 'solo')).toBe(bob.id);
  expect(boundTo(theirs, 'kit')).toBeUndefined();
  await expect(theirs.rpc.call(readPackage, named('kit'))).rejects.toMatchObject({ code: 'CONTESTED_NAME', details: { claimants: [ada.id, eve.id].sort() }, hint: expect.stringContaining('souk policy bind kit z6Mk') });
  await decide(theirs, bind('kit', eve));
  expect(await theirs.rpc.call(readPackage, named('kit'))).toMatchObject({ publisher: eve.id, latest: '9.0.0' });
  expect((await theirs.rpc.call(readPolicyChanges, { after: 0, limit: 10 })).packages.map((one) => one.name)).toEqual(['kit']);
});

test('a banned publisher is refused, and its packages are neither found nor installed, until the ban is lifted or over', async () => {
  await using peer = await TestPeer.start();
  const eve = author('eve');
  await publish(peer, eve, 'kit');
  const subject = { type: 'publisher' as const, id: eve.id };
  await decide(peer, ban(subject));
  await release(peer, eve, 'kit', '1.1.0');
  await expect(peer.append(...eve.records)).rejects.toMatchObject({ code: 'BANNED', message: expect.stringContaining('spam'), hint: expect.any(String) });
  await expect(peer.rpc.call(readPackage, named('kit'))).rejects.toMatchObject({ code: 'BANNED' });
  await expect(peer.rpc.call(readCandidates, { names: ['kit' as PackageName] })).rejects.toMatchObject({ code: 'BANNED' });
  expect(await peer.rpc.call(readChanges, { after: 0, limit: 10 })).toMatchObject({ packages: [], gone: ['kit'] });
  expect(await peer.rpc.call(readPolicyChanges, { after: 0, limit: 10 })).toMatchObject({ gone: ['kit'], caughtUp: true });
  await decide(peer, { kind: 'unban', body: { subject } });
  expect(await peer.append(...eve.records)).toMatchObject({ added: 1 });
  expect(await peer.rpc.call(readPackage, named('kit'))).toMatchObject({ latest: '1.1.0' });
});

test('a timed ban ends by itself, and the site log says so for those who look by records', async () => {
  await using peer = await TestPeer.start();
  const eve = author('eve');
  await publish(peer, eve, 'kit');
  const news = peer.hears(siteMoved);
  await banFor(peer, { type: 'publisher', id: eve.id }, 300);
  const { length } = (await news.next()) as { length: number };
  expect(await news.next()).toMatchObject({ length: length + 1 });
  news.stop();
  expect(await peer.rpc.call(readPackage, named('kit'))).toMatchObject({ latest: '1.0.0' });
  expect((await peer.rpc.call(readPolicyChanges, { after: 0, limit: 10 })).packages.map((one) => one.name)).toEqual(['kit']);
});

test('records of a banned key do not count; its publisher goes on with another', async () => {
  await using peer = await TestPeer.start();
  const eve = author('eve');
  await publish(peer, eve, 'kit');
  await decide(peer, ban({ type: 'key', id: eve.device.key }));
  await expect(peer.rpc.call(readPackage, named('kit'))).rejects.toMatchObject({ code: 'PACKAGE_NOT_FOUND' });
  // The name stays whose it was.
  const mallory = author('mallory');
  await release(peer, mallory, 'kit', '2.0.0');
  await expect(peer.append(...mallory.records)).rejects.toMatchObject({ code: 'NAME_TAKEN', details: { publisher: eve.id } });
});

/** Resolves when one peer is linked to the other. */
function linked(one: PeerNode, other: PeerNode): Promise<void> {
  return until(() => one.links().some((link) => link.peer === other.peerId), (changed) => one.onLinks(changed));
}

test('a banned peer is hung up on, not dialled and not answered; let in again it is', async () => {
  await using ours = await TestPeer.start();
  await using theirs = await TestPeer.start({ env: { SOUK_JOIN: await ours.invite() } });
  const [a, b] = [ours.runtime.node, theirs.runtime.node];
  await linked(a, b);
  const subject = { type: 'peer' as const, id: b.peerId };
  await decide(ours, ban(subject));
  expect(a.links()).toEqual([]);
  const [ofA, ofB] = [a.multiaddrs()[0] ?? '', b.multiaddrs()[0] ?? ''];
  await expect(a.dial(ofB)).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
  await expect(b.dial(ofA).then(() => b.syncWith(a.peerId))).rejects.toMatchObject({ code: expect.stringMatching(/PEER_UNREACHABLE|BAD_FRAME|TIMEOUT/) });
  await decide(ours, { kind: 'unban', body: { subject } });
  expect(await a.dial(ofB)).toBe(b.peerId);
});

test('a takedown erases body and blob, answers TAKEN_DOWN, keeps headers, and holds after a restart and against a sync that would bring it back', async () => {
  await using data = await folder();
  const ada = author('ada');
  await using mirror = await TestPeer.start();
  await using first = await TestPeer.start({ folder: data.path, env: { SOUK_JOIN: await mirror.invite() } });
  const kept = await publish(first, ada, 'kit', '1.0.0');
  const cid = await publish(first, ada, 'kit', '1.1.0');
  await mirror.runtime.node.syncWith(first.runtime.node.peerId);
  const { bytes } = await packed('kit', '1.1.0');
  await mirror.upload(cid, bytes);
  await decide(first, takedown('kit', '1.1.0'));
  const expectTakenDown = async (peer: TestPeer): Promise<void> => {
    expect((await peer.blob(cid)).status).toBe(451);
    expect((await peer.upload(cid, bytes)).status).toBe(451);
    await expect(peer.rpc.call(readVersion, { ...named('kit'), version: '1.1.0' })).rejects.toMatchObject({ code: 'TAKEN_DOWN', message: expect.stringContaining('by court order') });
    expect(await peer.rpc.call(readPackage, named('kit'))).toMatchObject({ latest: '1.0.0', totalVersions: 1 });
    expect((await peer.blob(kept)).status).toBe(200);
    const { records } = await peer.rpc.call(readLog, { key: ada.device.key, from: 0, limit: 10 });
    expect(records.map((one) => one.body !== undefined)).toEqual([true, true, false]);
  };
  await expectTakenDown(first);
  await release(first, ada, 'kit', '1.1.0');
  await expect(first.append(...ada.device.records)).rejects.toMatchObject({ code: 'TAKEN_DOWN' });
  await first.stop();
  await using again = await TestPeer.start({ folder: data.path });
  await expectTakenDown(again);
  await again.runtime.node.syncWith(await again.runtime.node.dial(mirror.runtime.node.multiaddrs()[0] ?? ''));
  await expectTakenDown(again);
  // The control: the other peer, which took nothing down, still has and gives it.
  expect((await mirror.blob(cid)).status).toBe(200);
});

test('a takedown by cid finds the packages that the blob is in; of what is not here, nothing is written', async () => {
  await using peer = await TestPeer.start();
  const cid = await publish(peer, author('ada'), 'kit');
  await decide(peer, { kind: 'takedown', body: { subject: { type: 'blob', cid }, reason: '' } });
  expect(peer.runtime.siteLog.state.takedowns.ofBlob(cid)?.subject).toEqual({ type: 'blob', cid, names: ['kit'] });
  expect(await peer.rpc.call(readPolicyChanges, { after: 0, limit: 10 })).toMatchObject({ gone: ['kit'] });
  const { length } = peer.runtime.siteLog;
  await expect(decide(peer, takedown('kit', '9.0.0'))).rejects.toMatchObject({ code: expect.stringMatching(/VERSION_NOT_FOUND|PACKAGE_NOT_FOUND/) });
  await expect(decide(peer, takedown('nothing', '1.0.0'))).rejects.toMatchObject({ code: 'PACKAGE_NOT_FOUND' });
  expect(peer.runtime.siteLog.length).toBe(length);
});
