import { expect, test } from '@jest/globals';
import { blobCid, MemoryBlobStore, sha256Of, type BlobDraft } from '@souk/domain';
import type { BlobFrame } from '@souk/contracts';
import type { Channel } from '../frame/channel.ts';
import { dialError } from '../node/peer-errors.ts';
import { fullPeerLimits } from '../node/peer-limits.ts';
import { BlobFetch } from './blob-fetch.ts';
import type { Provider } from './provider.ts';

const bytes = new TextEncoder().encode('one chunk');
const plan = { cid: blobCid(sha256Of(bytes)), size: bytes.length, chunks: [sha256Of(bytes)] };

/** A channel to a peer that delivers; `onClose` hears when it is closed. */
function delivering(onClose: () => void): Channel<BlobFrame> {
  const answers = [{ t: 'size', size: bytes.length }, { t: 'bytes', bytes }];
  return { asks: (_question: string, work: () => Promise<unknown>) => work(), send: () => Promise.resolve(), expect: () => Promise.resolve(answers.shift()), close: () => Promise.resolve(onClose()), abort: () => undefined } as unknown as Channel<BlobFrame>;
}

/** A draft whose disk is slow: a write ends when it is told to. */
function slow(draft: BlobDraft, until: Promise<void>): BlobDraft {
  return { size: 0, read: () => draft.read(), write: async (chunk) => (await until, draft.write(chunk)), commit: (cid) => draft.commit(cid), abort: () => draft.abort(), suspend: () => draft.suspend(), left: () => draft.left() };
}

test('a fetch ends although a provider is left over that nobody asked, when its last stream closes before the disk has written', async () => {
  const { promise: written, resolve: write } = Promise.withResolvers<void>();
  const provider = (peer: string): Provider => ({ peer, score: 0.5, latencyMs: 1 });
  const fetch = new BlobFetch(plan, {
    draft: slow(await new MemoryBlobStore().draft({ maxBytes: 100 }), written),
    limits: { ...fullPeerLimits, providersPerFetch: 1 },
    // The lane ends a few steps after its stream is closed; only then the disk goes on.
    open: () => Promise.resolve(delivering(() => setImmediate(() => write()))),
    progress: () => undefined,
    async *near() {
      yield provider('first');
      yield provider('second');
    },
    async *far() {},
    async *again() {},
  });
  await fetch.run(new AbortController().signal);
  expect(fetch.tallies.good).toEqual(['first']);
});

/** A channel to a peer that takes the question and never answers. */
function silent(): Channel<BlobFrame> {
  const expectNothing = (_kind: string, { signal }: { signal: AbortSignal }): Promise<never> => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('the fetch is over'))));
  return { asks: (_question: string, work: () => Promise<unknown>) => work(), send: () => Promise.resolve(), expect: expectNothing, close: () => Promise.resolve(), abort: () => undefined } as unknown as Channel<BlobFrame>;
}

test('a peer that has the blob only later serves a fetch that is under way', async () => {
  const provider = (peer: string): Provider => ({ peer, score: 0.5, latencyMs: 1 });
  let searches = 0;
  const fetch = new BlobFetch(plan, {
    draft: await new MemoryBlobStore().draft({ maxBytes: 100 }),
    limits: { ...fullPeerLimits, hedgeMs: 1, searchAgainMs: 1 },
    open: (peer) => Promise.resolve(peer === 'first' ? silent() : delivering(() => undefined)),
    progress: () => undefined,
    async *near() {
      yield provider('first');
    },
    async *far() {},
    async *again() {
      searches += 1;
      if (searches > 2) yield provider('later');
    },
  });
  await fetch.run(new AbortController().signal);
  expect(fetch.tallies.good).toEqual(['later']);
});

test('the only provider, which could not be dialled in time, is dialled once more when nobody else is left, and no third time', async () => {
  const late = dialError('busy', new Error('aborted'), undefined, true);
  const fetchOver = async (dials: readonly (() => Promise<Channel<BlobFrame>>)[]): Promise<{ fetch: BlobFetch; dialled: () => number }> => {
    let dialled = 0;
    const fetch = new BlobFetch(plan, {
      draft: await new MemoryBlobStore().draft({ maxBytes: 100 }),
      limits: fullPeerLimits,
      open: () => (dials[dialled++] ?? (() => Promise.reject(late)))(),
      progress: () => undefined,
      async *near() {
        yield { peer: 'busy', score: 0.5, latencyMs: 1 };
      },
      async *far() {},
      async *again() {},
    });
    return { fetch, dialled: () => dialled };
  };
  const signal = new AbortController().signal;
  const busy = await fetchOver([() => Promise.reject(late), () => Promise.resolve(delivering(() => undefined))]);
  await busy.fetch.run(signal);
  expect(busy.fetch.tallies.settle(true)).toMatchObject([{ peer: 'busy', outcome: 'ok' }]);
  const gone = await fetchOver([]);
  await expect(gone.fetch.run(signal)).rejects.toMatchObject({ code: 'NO_PROVIDER' });
  expect(gone.dialled()).toBe(2);
  expect(gone.fetch.tallies.settle(true)).toMatchObject([{ peer: 'busy', outcome: 'unreachable' }]);
  const refusing = await fetchOver([() => Promise.reject(dialError('busy', new Error('refused'), undefined))]);
  await expect(refusing.fetch.run(signal)).rejects.toMatchObject({ code: 'NO_PROVIDER' });
  expect(refusing.dialled()).toBe(1);
});
