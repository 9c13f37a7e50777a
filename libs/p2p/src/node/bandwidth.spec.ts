import { expect, test } from '@jest/globals';
import { network, readBlob, seededBytes } from '@souk/testing';
import { Bandwidth, wait } from './bandwidth.ts';

test('over a second no more is granted than that second allows, and a pause saves up a quarter of one', () => {
  let now = 0;
  const line = new Bandwidth(1000, () => now);
  expect([line.reserve(100), line.reserve(900), line.reserve(500)]).toEqual([100, 1000, 1500]);
  now = 60_000;
  expect([line.reserve(250), line.reserve(100)]).toEqual([0, 100]);
  expect([line.most, new Bandwidth(1).most, new Bandwidth(Infinity).most]).toEqual([125, 1, Infinity]);
  expect(new Bandwidth(Infinity).reserve(1e12)).toBe(0);
});

test('who gives up does not wait for the line', async () => {
  const stop = new AbortController();
  const waiting = wait(3_600_000, stop.signal);
  stop.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
});

for (const side of ['uploadRate', 'downloadRate'] as const) {
  test(`a blob takes at least as long as its bytes do at the ${side} of one side`, async () => {
    await using net = network({ limits: { dhtMs: 100, hedgeMs: 3_600_000 } });
    const rate = 4_000_000;
    const provider = await net.peer('provider', side === 'uploadRate' ? { limits: { uploadRate: rate } } : {});
    const facts = await provider.keeps(seededBytes('three chunks', 3_000_000));
    const reader = await net.peer('reader', { join: [provider], ...(side === 'downloadRate' ? { limits: { downloadRate: rate } } : {}) });
    await reader.linkedTo(provider);
    const since = performance.now();
    await reader.fetches(facts);
    // A quarter of a second's worth goes at once.
    expect(performance.now() - since).toBeGreaterThan(((facts.size - rate / 4) / rate) * 1000 - 50);
    expect((await readBlob(reader.blobs, facts.cid)).length).toBe(facts.size);
  });
}
