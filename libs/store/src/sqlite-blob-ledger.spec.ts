import { expect, test } from '@jest/globals';
import type { Usage } from '@souk/domain';
import { cidOf, bytesOf, inFolder } from '@souk/testing/conformance';
import { joinBlobLedger, openBlobLedger } from './index.ts';

const blobs = Array.from({ length: 300 }, (_, index) => ({ cid: cidOf(bytesOf(index + 1)), size: index + 1 }));
const bytes = blobs.reduce((sum, { size }) => sum + size, 0);
const none = { blobs: 0, bytes: 0 };

test('what another thread writes is seen at once, and counts when it is noted', async () => {
  await inFolder(async (folder) => {
    await using closing = new AsyncDisposableStack();
    const ledger = closing.adopt(await openBlobLedger(folder), (one) => one.close());
    const joined = closing.adopt(await joinBlobLedger(folder), (one) => one.close());
    await joined.putAll(blobs, 5);
    expect(await ledger.get(blobs[7]?.cid as never)).toMatchObject({ size: 8, keeping: 'unnamed', since: 5 });
    expect(ledger.usage()).toEqual({ pinned: none, cached: none, unnamed: none });
    ledger.noted(joined.usage());
    expect(ledger.usage()).toEqual({ pinned: none, cached: none, unnamed: { blobs: 300, bytes } });
    await joined.name(blobs.map(({ cid }) => ({ cid, as: 'published' })), { arrival: 300, hash: 'hash', rule: 'rule' });
    expect(await ledger.mark()).toEqual({ arrival: 300, hash: 'hash', rule: 'rule' });
    const change: Usage = { pinned: { blobs: 300, bytes }, cached: none, unnamed: { blobs: -300, bytes: -bytes } };
    ledger.noted(change);
    expect(ledger.usage()).toEqual({ pinned: { blobs: 300, bytes }, cached: none, unnamed: none });
  });
});

test('both threads write at the same time', async () => {
  await inFolder(async (folder) => {
    await using closing = new AsyncDisposableStack();
    const ledger = closing.adopt(await openBlobLedger(folder), (one) => one.close());
    const joined = closing.adopt(await joinBlobLedger(folder), (one) => one.close());
    await Promise.all([joined.putAll(blobs.slice(0, 200), 1), ledger.putAll(blobs.slice(100), 2), ledger.name([{ cid: blobs[0]?.cid as never, as: 'known' }])]);
    for (const { cid, size } of blobs) expect(await joined.get(cid)).toMatchObject({ size });
  });
});

test('what a thread wrote that could not tell counts once the ledger was made level', async () => {
  await inFolder(async (folder) => {
    await using closing = new AsyncDisposableStack();
    const ledger = closing.adopt(await openBlobLedger(folder), (one) => one.close());
    const joined = await joinBlobLedger(folder);
    await joined.putAll(blobs, 1);
    await joined.close();
    const sizes = new Map(blobs.map(({ cid, size }) => [cid, size]));
    async function* listed(): AsyncGenerator<(typeof blobs)[number]['cid']> {
      yield* sizes.keys();
    }
    expect(await ledger.level(listed(), async (cid) => sizes.get(cid), 2)).toEqual({ added: 0, removed: 0 });
    expect(ledger.usage().unnamed).toEqual({ blobs: 300, bytes });
  });
});
