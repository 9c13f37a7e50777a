import { expect, test } from '@jest/globals';
import { MemoryBlobStore, sha256Of, type BlobSlice, type Cid } from '@souk/domain';
import { network, readBlob, seededBytes, type TestNetwork, type TestPeer } from '@souk/testing';
import type { PeerLimits } from '../node/peer-limits.ts';

type Read = ReturnType<MemoryBlobStore['read']>;

const threeChunks = seededBytes('three chunks', 2_500_000);

/** Delivers the right number of wrong bytes. */
class LyingStore extends MemoryBlobStore {
  override async read(cid: Cid, slice?: BlobSlice): Read {
    const pieces = await super.read(cid, slice);
    return (async function* () {
      for await (const piece of pieces) yield piece.map((byte) => byte ^ 1);
    })();
  }
}

/** Promises a blob and then sends nothing, for ever. */
class StallingStore extends MemoryBlobStore {
  override async read(): Read {
    return { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) };
  }
}

/** Says it has a blob and then does not. */
class ForgetfulStore extends MemoryBlobStore {
  override async read(cid: Cid, slice?: BlobSlice): Read {
    await this.delete(cid);
    return super.read(cid, slice);
  }
}

interface Scene {
  readonly bad: TestPeer;
  readonly good: TestPeer;
  readonly reader: TestPeer;
}

/** A reader that trusts the bad provider most, so that it is asked first. */
async function scene(net: TestNetwork, blobs: MemoryBlobStore, limits: Partial<PeerLimits> = {}): Promise<Scene> {
  const bad = await net.peer('bad', { blobs });
  const good = await net.peer('good', { join: [bad] });
  const reader = await net.peer('reader', { join: [bad, good], rank: (peer) => (peer === bad.id ? 0.9 : 0.4), limits: { hedgeMs: 20, dhtMs: 100, ...limits } });
  await reader.linkedTo(bad, good);
  return { bad, good, reader };
}

async function keepsNothing(peer: TestPeer): Promise<void> {
  for await (const cid of peer.blobs.list()) throw new Error(`${cid} was kept`);
}

test('a provider that lies is found out, observed and replaced by an honest one', async () => {
  await using net = network();
  const { bad, good, reader } = await scene(net, new LyingStore());
  const facts = await bad.keeps(threeChunks);
  await good.keeps(threeChunks);
  expect(await reader.fetches(facts)).toMatchObject({ providers: [good.id] });
  expect(Buffer.compare(await readBlob(reader.blobs, facts.cid), threeChunks)).toBe(0);
  await reader.observes(bad, 'corrupt');
  await reader.observes(good, 'ok');
});

test('when only a liar offers the blob the fetch fails by name and nothing is kept', async () => {
  await using net = network();
  const { bad, reader } = await scene(net, new LyingStore());
  const facts = await bad.keeps(threeChunks);
  await expect(reader.fetches(facts)).rejects.toMatchObject({ code: 'NO_PROVIDER', details: { cid: facts.cid, found: 1, failures: [{ peer: bad.id, outcome: 'corrupt' }] } });
  await reader.observes(bad, 'corrupt');
  await keepsNothing(reader);
});

test('a provider that stalls does not hold up the fetch', async () => {
  await using net = network();
  const { bad, good, reader } = await scene(net, new StallingStore());
  const facts = await bad.keeps(threeChunks);
  await good.keeps(threeChunks);
  expect(await reader.fetches(facts)).toMatchObject({ providers: [good.id] });
  await reader.observes(bad, 'timeout');
});

test('when only a stalling provider is there the fetch ends by itself', async () => {
  await using net = network();
  const { bad, reader } = await scene(net, new StallingStore(), { stallMs: 100 });
  const facts = await bad.keeps(threeChunks);
  await expect(reader.fetches(facts)).rejects.toMatchObject({ code: 'NO_PROVIDER', details: { failures: [{ peer: bad.id, outcome: 'timeout' }] } });
  await keepsNothing(reader);
});

test('a provider that no longer has what it offered is observed as missing', async () => {
  await using net = network();
  const { bad, good, reader } = await scene(net, new ForgetfulStore());
  const facts = await bad.keeps(threeChunks);
  await good.keeps(threeChunks);
  await reader.fetches(facts);
  await reader.observes(bad, 'missing');
});

test('honest providers are not blamed for a release whose chunk hashes are wrong', async () => {
  await using net = network();
  const { bad, good, reader } = await scene(net, new MemoryBlobStore());
  const facts = await bad.keeps(threeChunks);
  await good.keeps(threeChunks);
  const wrong = { ...facts, chunks: facts.chunks.map((chunk) => sha256Of(chunk)) };
  await expect(reader.fetches(wrong)).rejects.toMatchObject({ code: 'NO_PROVIDER', details: { suspect: 'release' } });
  expect(await reader.observations.since(0, 10)).toEqual([]);
  await reader.fetches(facts);
});
