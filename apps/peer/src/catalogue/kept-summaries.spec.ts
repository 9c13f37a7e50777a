import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { appendSite, readChanges, type PackageSummary } from '@souk/contracts';
import type { PackageName } from '@souk/domain';
import { openSummaryStore, summaryFile } from '@souk/store';
import { author, packed, type Author } from '@souk/testing';
import { TestPeer } from '../testing/test-peer.ts';

async function folder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'souk-summaries-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

async function publish(peer: TestPeer, by: Author, name: string, version: string, description: string): Promise<void> {
  const { cid, bytes, body } = await packed(name, version, { manifest: { description } });
  await peer.upload(cid, bytes);
  by.device.write('release', body);
  await peer.append(...by.records);
}

/** Everything that a reader is told who begins anew. */
async function told(peer: TestPeer): Promise<PackageSummary[]> {
  const all: PackageSummary[] = [];
  for (let after = 0; ; ) {
    const page = await peer.rpc.call(readChanges, { after, limit: 2 });
    all.push(...page.packages);
    if (page.caughtUp) return all;
    after = page.next;
  }
}

/** How many summaries lie in the folder of a peer that has ended. */
async function keptIn(path: string): Promise<number> {
  const store = await openSummaryStore(path);
  const kept = await store.from(0, 0, 100);
  await store.close();
  return kept.length;
}

test('a peer that starts again tells what it kept; without the file, or with another one in its place, it tells the same and keeps it again', async () => {
  await using data = await folder();
  const ada = author('ada');
  const first = await TestPeer.start({ folder: data.path });
  for (const name of ['kit', 'mitt', 'web']) await publish(first, ada, name, '1.0.0', `about ${name}`);
  const before = await told(first);
  expect(before.map((one) => one.name)).toEqual(['kit', 'mitt', 'web']);
  await first.stop();
  const path = join(data.path, summaryFile);
  const spoilt = async (): Promise<void> => {
    for (const end of ['-wal', '-shm']) await rm(path + end, { force: true });
    await writeFile(path, Buffer.alloc(40_960, 0x5a));
  };
  for (const meanwhile of [async () => undefined, () => rm(path), spoilt]) {
    expect(await keptIn(data.path)).toBe(3);
    await meanwhile();
    const again = await TestPeer.start({ folder: data.path });
    expect(await told(again)).toEqual(before);
    await again.stop();
  }
  expect(await keptIn(data.path)).toBe(3);
});

test('when a takedown is acknowledged, nothing of what was taken down is in the summaries', async () => {
  await using data = await folder();
  await using peer = await TestPeer.start({ folder: data.path });
  const ada = author('ada');
  await publish(peer, ada, 'kit', '1.0.0', 'harmless');
  await publish(peer, ada, 'kit', '1.1.0', 'what-nobody-may-say');
  expect(await told(peer)).toMatchObject([{ version: '1.1.0', description: 'what-nobody-may-say' }]);
  const isSaid = async (): Promise<boolean> => (await Promise.all(['', '-wal'].map((end) => readFile(join(data.path, summaryFile + end))))).some((bytes) => bytes.includes('what-nobody-may-say'));
  expect(await isSaid()).toBe(true);
  await peer.rpc.call(appendSite, { kind: 'takedown', body: { subject: { type: 'version', name: 'kit' as PackageName, version: '1.1.0' as never, cids: [] }, reason: 'by court order' } });
  expect(await isSaid()).toBe(false);
  expect(await told(peer)).toMatchObject([{ version: '1.0.0', description: 'harmless' }]);
});

test('a record that is taken down takes its package along', async () => {
  await using peer = await TestPeer.start();
  const ada = author('ada');
  await publish(peer, ada, 'kit', '1.0.0', 'harmless');
  await publish(peer, ada, 'kit', '1.1.0', 'what-nobody-may-say');
  expect(await told(peer)).toHaveLength(1);
  await peer.rpc.call(appendSite, { kind: 'takedown', body: { subject: { type: 'record', key: ada.device.key, seq: 2 }, reason: '' } });
  expect(peer.runtime.siteLog.state.takedowns.list()).toMatchObject([{ subject: { type: 'record', names: ['kit'] } }]);
  expect(await told(peer)).toMatchObject([{ version: '1.0.0', description: 'harmless' }]);
});
