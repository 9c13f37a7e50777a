import { expect, test } from '@jest/globals';
import { MemoryBlobStore, type BlobSlice, type Cid } from '@souk/domain';
import { network, readBlob, seededBytes } from '@souk/testing';

const fourChunks = seededBytes('four chunks', 4_000_000);
const third = 2 * 1_048_576;

/** Serves what lies before the third chunk at once, and the rest when it is told to; knows what was asked for. */
class HesitantStore extends MemoryBlobStore {
  readonly asked: number[] = [];
  readonly #onward = Promise.withResolvers<void>();

  goOn(): void {
    this.#onward.resolve();
  }

  override async read(cid: Cid, slice: BlobSlice = { offset: 0 }): Promise<AsyncIterable<Uint8Array>> {
    this.asked.push(slice.offset);
    if (slice.offset >= third) await this.#onward.promise;
    return super.read(cid, slice);
  }
}

test('a fetch that ended in the middle goes on behind the chunks that it had, each of them checked again', async () => {
  const blobs = new HesitantStore();
  await using net = network({ limits: { dhtMs: 100, hedgeMs: 50, stallMs: 600_000, frameMs: 600_000 } });
  const provider = await net.peer('provider', { blobs });
  const facts = await provider.keeps(fourChunks);
  const reader = await net.peer('reader', { join: [provider] });
  await reader.linkedTo(provider);
  const stop = new AbortController();
  const { promise: halfWay, resolve } = Promise.withResolvers<void>();
  const first = reader.node.fetchBlob(facts.cid, { ...facts, signal: stop.signal, onProgress: ({ bytes }) => bytes === third && resolve() });
  await halfWay;
  stop.abort();
  await expect(first).rejects.toMatchObject({ code: 'CANCELLED' });
  blobs.goOn();
  blobs.asked.length = 0;
  await reader.fetches(facts);
  expect(blobs.asked.filter((offset) => offset < third)).toEqual([]);
  expect(blobs.asked).not.toEqual([]);
  expect(Buffer.compare(await readBlob(reader.blobs, facts.cid), fourChunks)).toBe(0);
});

test('what an attempt left that has been damaged since is fetched anew', async () => {
  await using net = network({ limits: { dhtMs: 100, hedgeMs: 50 } });
  const provider = await net.peer('provider');
  const facts = await provider.keeps(fourChunks);
  const reader = await net.peer('reader', { join: [provider] });
  await reader.linkedTo(provider);
  const draft = await reader.blobs.draft({ maxBytes: facts.size, resume: facts.cid });
  await draft.write(fourChunks.map((byte, at) => (at === 1_500_000 ? byte ^ 1 : byte)));
  await draft.suspend();
  await reader.fetches(facts);
  expect(Buffer.compare(await readBlob(reader.blobs, facts.cid), fourChunks)).toBe(0);
});
