import { afterEach, expect, test } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import { fetchBlobs, readBlobVersions, readCandidates, readPackage, readProof, readSelf, readVersion, searchNetwork, searchPackages, type PackageSummary, type SearchAnswer } from '@souk/contracts';
import { carriedEvidence, fromWire, readWriter, verify, type KeyId, type PackageName, type VerifiedRecord, type Version } from '@souk/domain';
import { bootstrap, Handles, InProcessBroker, silentLog } from '@souk/nest';
import { author, type Author } from '@souk/testing/builders';
import { packed } from '@souk/testing';
import { TestPeer, type TestPeerOptions } from '../testing/test-peer.ts';

/** What the index of the super-peer's site finds, whatever is looked for. */
let found: PackageSummary[] = [];

@Controller()
class Index {
  @Handles(searchPackages)
  query(): SearchAnswer {
    return { total: found.length, items: found, facets: { kind: [], keyword: [], license: [] }, tookMs: 0 };
  }
}

@Module({ controllers: [Index] })
class IndexModule {}

const ending: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  found = [];
  for (const end of ending.splice(0).toReversed()) await end();
});

async function started(env: Readonly<Record<string, string>>, options: TestPeerOptions = {}): Promise<TestPeer> {
  const peer = await TestPeer.start({ env: { SOUK_NETWORK: 'open', ...env }, ...options });
  ending.push(() => peer[Symbol.asyncDispose]());
  return peer;
}

/** A super-peer of a site with an index, that holds what some publish. */
async function superWith(...authors: readonly Author[]): Promise<TestPeer> {
  const broker = new InProcessBroker();
  const peer = await started({ SOUK_ROLE: 'super' }, { broker });
  const index = await bootstrap(IndexModule, { name: 'search', transport: { type: 'in-process', broker }, log: silentLog });
  ending.push(() => index.close());
  for (const one of authors) await publishes(peer, ...one.records);
  return peer;
}

async function publishes(peer: TestPeer, ...records: readonly VerifiedRecord[]): Promise<void> {
  await peer.runtime.data.logs.append(records);
  await peer.runtime.node.announceRecords(records);
}

/** A leaf that follows a list, linked to a super-peer. */
async function follower(superPeer: TestPeer, list = ''): Promise<TestPeer> {
  const { status } = await superPeer.self();
  const leaf = await started({ SOUK_ROLE: 'leaf', SOUK_FOLLOW: 'list', SOUK_FOLLOW_LIST: list, SOUK_SUPERS: status.multiaddrs.join(',') });
  const { node } = leaf.runtime;
  if (node.superPeers().length === 0) await new Promise<void>((resolve) => node.onLinks(() => (node.superPeers().length > 0 ? resolve() : undefined)));
  return leaf;
}

/** Resolves when a peer holds records of a log up to a seq. */
async function holds(peer: TestPeer, { key, fields }: VerifiedRecord): Promise<void> {
  const { node, data } = peer.runtime;
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = async (): Promise<void> => (((await data.logs.head(key))?.seq ?? -1) >= fields.seq ? resolve() : undefined);
  const stop = node.onRecords(() => void look());
  await look();
  await promise;
  stop();
}

const named = (name: string): PackageName => name as PackageName;

test('a leaf that follows a scope keeps the logs of who publishes in it, those that come later too, and no others', async () => {
  const [ada, bob] = [author('ada'), author('bob')];
  const kit = ada.releases('@team/kit', '1.0.0');
  bob.releases('tool', '1.0.0');
  const superPeer = await superWith(ada, bob);
  const leaf = await follower(superPeer, '@team/*, other');
  await holds(leaf, kit);
  const next = ada.releases('@team/kit', '1.1.0');
  await publishes(superPeer, next);
  await holds(leaf, next);
  expect(await leaf.runtime.data.logs.size()).toMatchObject({ logs: 2 });
  expect((await leaf.rpc.call(readSelf, {})).status).toMatchObject({ role: 'leaf', follows: { listed: 2, logs: 2 }, logs: 2 });
});

test('what it does not follow it reads by a super-peer, proves itself, and keeps nothing of', async () => {
  const bob = author('bob');
  const tool = bob.releases('tool', '1.0.0', { dependencies: { part: '^1.0.0' } });
  bob.releases('part', '1.2.0');
  const superPeer = await superWith(bob);
  const leaf = await follower(superPeer);
  expect(await leaf.rpc.call(readPackage, { name: named('tool') })).toMatchObject({ name: 'tool', publisher: bob.id, latest: '1.0.0', totalVersions: 1 });
  expect(await leaf.rpc.call(readVersion, { name: named('part'), version: '^1.0.0' })).toMatchObject({ version: '1.2.0', publisher: bob.id });
  const { packages } = await leaf.rpc.call(readCandidates, { names: [named('tool'), named('nothing'), named('part')] });
  expect(packages.map((one) => [one.name, one.publisher])).toEqual([['tool', bob.id], ['part', bob.id]]);
  const { records } = await leaf.rpc.call(readProof, { packages: [{ name: named('tool'), version: '1.0.0' as Version }] });
  const proof = records.map((one) => verify(fromWire(one)));
  expect(proof.some((one) => Buffer.compare(one.hash, tool.hash) === 0)).toBe(true);
  expect(await readWriter(carriedEvidence(proof), tool.key)).toMatchObject({ publisher: bob.id });
  await expect(leaf.rpc.call(readPackage, { name: named('nothing') })).rejects.toMatchObject({ code: 'PACKAGE_NOT_FOUND' });
  expect(await leaf.runtime.data.logs.size()).toMatchObject({ logs: 0 });
});

test('blobs of what it does not follow are fetched as its super-peer proves them', async () => {
  const bob = author('bob');
  const tool = await packed('tool', '1.0.0');
  bob.device.write('release', tool.body);
  const superPeer = await superWith(bob);
  expect((await superPeer.upload(tool.cid, tool.bytes)).ok).toBe(true);
  const leaf = await follower(superPeer);
  await leaf.rpc.call(readVersion, { name: named('tool'), version: '1.0.0' });
  expect(await leaf.rpc.call(readBlobVersions, { cid: tool.cid })).toEqual({ versions: [{ name: 'tool', version: '1.0.0' }] });
  let done = false;
  for await (const progress of leaf.rpc.stream(fetchBlobs, { blobs: [{ cid: tool.cid, name: named('tool'), version: '1.0.0' as Version }] })) done = progress.done;
  expect(done).toBe(true);
  expect((await leaf.blob(tool.cid)).status).toBe(200);
});

function summaryOf(name: string, publisher: KeyId, version = '1.0.0'): PackageSummary {
  return { name: named(name), version: version as Version, kind: 'package', description: 'what the index says', keywords: ['index'], publisher, updatedAt: '2026-01-01T00:00:00.000Z', versions: 3, stars: 9, downloads: 9 };
}

test('a hit says what its signed record says, whatever the index of the super-peer says of it', async () => {
  const bob = author('bob');
  bob.releases('tool', '1.0.0', { description: 'What bob signed', keywords: ['signed'] });
  const superPeer = await superWith(bob);
  found = [summaryOf('tool', author('mallory').id)];
  const leaf = await follower(superPeer);
  const answer = await leaf.rpc.call(searchNetwork, { q: 'tool', sort: 'relevance', limit: 20, offset: 0 }, { timeoutMs: 60_000 });
  expect(answer).toMatchObject({ superPeer: superPeer.runtime.node.peerId, total: 1, items: [{ name: 'tool', description: 'What bob signed', keywords: ['signed'], publisher: bob.id, versions: 3, stars: 0, remote: true }] });
});

test('what its site decided holds for what others tell: a binding decides who has a name, and until then a contest is one', async () => {
  const [ada, bob] = [author('ada'), author('bob')];
  ada.releases('tool', '1.0.0');
  bob.releases('tool', '2.0.0');
  const leaf = await follower(await superWith(ada, bob));
  await expect(leaf.rpc.call(readPackage, { name: named('tool') })).rejects.toMatchObject({ code: 'CONTESTED_NAME' });
  await leaf.runtime.siteLog.note(() => [{ kind: 'bind', body: { names: ['tool'], publisher: bob.id, by: 'policy' } }]);
  expect(await leaf.rpc.call(readPackage, { name: named('tool') })).toMatchObject({ publisher: bob.id, latest: '2.0.0' });
});

test('without a super-peer it is said that nobody answers, not that there is no such package', async () => {
  const leaf = await started({ SOUK_ROLE: 'leaf', SOUK_FOLLOW: 'list' });
  await expect(leaf.rpc.call(readPackage, { name: named('tool') })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await expect(leaf.rpc.call(searchNetwork, { q: 'tool', sort: 'relevance', limit: 20, offset: 0 })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test.each<[what: string, env: Readonly<Record<string, string>>]>([
  ['a full peer that follows a list', { SOUK_FOLLOW: 'list' }],
  ['a super-peer that follows a list', { SOUK_ROLE: 'super', SOUK_FOLLOW: 'list' }],
  ['a list where all is followed', { SOUK_ROLE: 'leaf', SOUK_FOLLOW_LIST: '@team/*' }],
  ['a list with what is no name', { SOUK_ROLE: 'leaf', SOUK_FOLLOW: 'list', SOUK_FOLLOW_LIST: '@Team/*' }],
])('%s is refused at the start', async (_what, env) => {
  await expect(started(env)).rejects.toMatchObject({ code: 'BAD_CONFIG' });
});
