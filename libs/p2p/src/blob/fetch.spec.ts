import { expect, test } from '@jest/globals';
import { protocols } from '@souk/contracts';
import { MemoryBlobStore, sha256Of, type Cid } from '@souk/domain';
import { author, factsOf, network, readBlob, seededBytes, type TestPeer } from '@souk/testing';
import type { FetchProgress } from './blob-fetcher.ts';

const threeChunks = seededBytes('three chunks', 2_500_000);

async function heldAt(peer: TestPeer): Promise<Cid[]> {
  const cids: Cid[] = [];
  for await (const cid of peer.blobs.list()) cids.push(cid);
  return cids;
}

test('a blob of several chunks comes from two peers at once, whole and with progress', async () => {
  await using net = network();
  const a = await net.peer('a');
  const b = await net.peer('b', { join: [a] });
  const c = await net.peer('c', { join: [a, b] });
  await c.linkedTo(a, b);
  const facts = await a.keeps(threeChunks);
  await b.keeps(threeChunks);
  const progress: FetchProgress[] = [];
  const report = await c.node.fetchBlob(facts.cid, { ...facts, onProgress: (one) => progress.push(one) });
  expect(report).toMatchObject({ cid: facts.cid, bytes: threeChunks.length, already: false });
  expect(report.providers.toSorted()).toEqual([a.id, b.id].toSorted());
  expect(progress.map((one) => one.bytes)).toEqual(progress.map((one) => one.bytes).toSorted((x, y) => x - y));
  expect(progress.at(-1)).toMatchObject({ bytes: threeChunks.length, total: threeChunks.length });
  expect(Buffer.compare(await readBlob(c.blobs, facts.cid), threeChunks)).toBe(0);
  await Promise.all([c.observes(a, 'ok'), c.observes(b, 'ok')]);
  expect(await c.fetches(facts)).toMatchObject({ already: true });
});

test('a peer that joined only the middle one gets the records and the blob that only the far one holds', async () => {
  await using net = network();
  const a = await net.peer('a');
  const b = await net.peer('b', { join: [a] });
  await b.linkedTo(a);
  const writer = author('ada');
  const bytes = new TextEncoder().encode('the tarball');
  writer.releases('left-pad', '1.0.0', { blob: bytes });
  await a.publishes(...writer.records);
  const facts = await a.keeps(bytes);
  await a.node.provide([facts.cid]);
  const c = await net.peer('c', { join: [b] });
  await c.holds(...writer.records);
  expect(await c.fetches(facts)).toMatchObject({ providers: [a.id] });
  await net.converged();
});

test('a small blob takes one stream: the peer that says it has it is read from on the same one; who is not needed is let go', async () => {
  await using net = network();
  const opened: string[] = [];
  const a = await net.peer('a');
  const b = await net.peer('b', { join: [a] });
  const c = await net.peer('c', { join: [a, b], limits: { providersPerFetch: 1 }, tap: { opened: (protocol) => void opened.push(protocol) } });
  await c.linkedTo(a, b);
  await net.converged();
  const streams = (): number => opened.splice(0).filter((protocol) => protocol === protocols.blob).length;
  const [alone, both] = [await a.keeps(seededBytes('alone', 50_000)), await a.keeps(seededBytes('both', 50_000))];
  await b.keeps(seededBytes('both', 50_000));
  streams();
  expect(await c.fetches(alone)).toMatchObject({ already: false });
  expect(streams()).toBe(2);
  expect(await c.fetches(both)).toMatchObject({ already: false });
  expect(streams()).toBe(2);
  await net.part([b], [c]);
  for (let at = 0; at < 20; at += 1) await c.fetches(await a.keeps(seededBytes(`many ${at}`, 1000)));
  expect(streams()).toBe(20);
});

test('many callers share one fetch, and it goes on while one of them waits', async () => {
  await using net = network();
  let reads = 0;
  class CountingStore extends MemoryBlobStore {
    override read(...args: Parameters<MemoryBlobStore['read']>): ReturnType<MemoryBlobStore['read']> {
      reads += 1;
      return super.read(...args);
    }
  }
  const a = await net.peer('a', { blobs: new CountingStore() });
  const b = await net.peer('b', { join: [a] });
  await b.linkedTo(a);
  const facts = await a.keeps(threeChunks);
  const gone = new AbortController();
  const first = b.fetches(facts, { signal: gone.signal });
  const others = [b.fetches(facts), b.fetches(facts)];
  gone.abort();
  await expect(first).rejects.toMatchObject({ code: 'CANCELLED' });
  await Promise.all(others);
  expect(reads).toBe(facts.chunks.length);
});

test('many blobs at once from one peer blame nobody', async () => {
  await using net = network();
  const a = await net.peer('a');
  const b = await net.peer('b', { join: [a] });
  await b.linkedTo(a);
  const blobs = await Promise.all(Array.from({ length: 30 }, (_, index) => a.keeps(seededBytes(`blob ${index}`, index < 8 ? 3_200_000 : 10_000))));
  const reports = await Promise.all(blobs.map((facts) => b.fetches(facts)));
  expect(reports.flatMap((report) => report.providers)).toEqual(blobs.map(() => a.id));
  const seen = await b.observations.since(0, 100);
  expect(seen.map((one) => one.outcome)).toEqual(blobs.map(() => 'ok'));
});

test('an abandoned fetch ends and leaves nothing', async () => {
  await using net = network();
  const gone = new AbortController();
  class LeavingStore extends MemoryBlobStore {
    override read(): ReturnType<MemoryBlobStore['read']> {
      gone.abort();
      return new Promise(() => undefined);
    }
  }
  const a = await net.peer('a', { blobs: new LeavingStore() });
  const b = await net.peer('b', { join: [a] });
  await b.linkedTo(a);
  const facts = await a.keeps(threeChunks);
  await expect(b.fetches(facts, { signal: gone.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(await heldAt(b)).toEqual([]);
  expect(await b.observations.since(0, 10)).toEqual([]);
});

test('what nobody has is named, with who was asked', async () => {
  await using net = network();
  const facts = factsOf(seededBytes('nowhere', 100));
  const a = await net.peer('a');
  await expect(a.fetches(facts)).rejects.toMatchObject({ code: 'NO_PROVIDER', message: expect.stringContaining('linked to nobody') });
  const b = await net.peer('b', { join: [a], limits: { dhtMs: 100 } });
  await b.linkedTo(a);
  await expect(b.fetches(facts)).rejects.toMatchObject({ code: 'NO_PROVIDER', details: { cid: facts.cid, asked: [a.id, 'dht'], found: 0 } });
});

test('a release that contradicts its cid or is too large is refused before anybody is asked', async () => {
  await using net = network();
  const a = await net.peer('a', { maxBlobBytes: 3_000_000 });
  const facts = factsOf(seededBytes('small', 100));
  await expect(a.fetches({ ...facts, chunks: [sha256Of(Uint8Array.of(1))] })).rejects.toMatchObject({ code: 'CID_MISMATCH' });
  await expect(a.fetches({ ...facts, chunks: [] })).rejects.toMatchObject({ code: 'CID_MISMATCH' });
  await expect(a.fetches({ ...facts, size: 3_000_001 })).rejects.toMatchObject({ code: 'TOO_LARGE' });
});

test('an empty blob needs no provider', async () => {
  await using net = network();
  const a = await net.peer('a');
  const facts = factsOf(new Uint8Array(0));
  await a.fetches(facts);
  expect(await heldAt(a)).toEqual([facts.cid]);
});
