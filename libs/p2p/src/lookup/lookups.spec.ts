import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { blobCid, MemoryBlobStore, MemoryHintStore, sha256Of, type Cid, type Hint, type LookupTier } from '@souk/domain';
import { author } from '@souk/testing/builders';
import type { Provider } from '../blob/provider.ts';
import type { NamedProvider } from './lookup-client.ts';
import { Lookups, type LookupsNeeds } from './lookups.ts';

const bytes = new TextEncoder().encode('template');
const cid = blobCid(sha256Of(bytes));
const signal = new AbortController().signal;
const hint = (peer: string): Hint => ({ peer, addresses: [`/memory/${peer}`] });
const named = (peer: string): NamedProvider => ({ peer, addresses: [`/memory/${peer}`], leftMs: 1000 });
const provider = (peer: string): Provider => ({ peer, score: 0.5, latencyMs: 1 });

/** What each tier knows, and who was asked: a test sets the former and reads the latter. */
class Surroundings {
  readonly blobs = new MemoryBlobStore();
  readonly hot = new MemoryHintStore();
  readonly warm = new MemoryHintStore();
  supers: readonly NamedProvider[] = [];
  near: readonly Provider[] = [];
  far: readonly Provider[] = [];
  isAlone = false;
  /** Questions to super-peers, linked peers and the DHT, in order. */
  readonly asked: string[] = [];
  /** Tiers as the tap heard of them. */
  readonly told: [tier: Exclude<LookupTier, 'none'>, hit: boolean][] = [];
  readonly met: string[] = [];
  /** What a super-peer's answer waits for. */
  answered: Promise<void> = Promise.resolve();

  lookups(needs: Partial<LookupsNeeds> = {}): Lookups {
    const finds = async (): Promise<readonly NamedProvider[]> => {
      this.asked.push('super');
      await this.answered;
      return this.supers;
    };
    return new Lookups({
      self: 'self',
      blobs: this.blobs,
      finder: this.finder(),
      supers: { find: finds, failed: () => undefined, stop: () => undefined },
      hints: [{ tier: 'hot', store: this.hot }, { tier: 'warm', store: this.warm }],
      log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
      hedgeMs: 0,
      rank: () => 0.5,
      meet: async ({ peer }) => void this.met.push(peer),
      asked: (tier, hit) => void this.told.push([tier, hit]),
      ...needs,
    });
  }

  /** Linked peers and the DHT. */
  finder(): LookupsNeeds['finder'] {
    return {
      isAlone: this.isAlone,
      near: () => this.#say('peers', this.near),
      far: () => this.#say('dht', this.far),
      gatherNear: async () => {
        this.asked.push('peers');
        return [...this.near];
      },
    };
  }

  async *#say(whom: string, providers: readonly Provider[]): AsyncGenerator<Provider> {
    this.asked.push(whom);
    yield* providers;
  }

  async keepsHere(): Promise<void> {
    const draft = await this.blobs.draft({ maxBytes: bytes.length });
    await draft.write(bytes);
    await draft.commit(cid);
  }
}

/** What makes a tier know, each in a world where those behind it know too. */
const tiers: [tier: LookupTier, knows: (around: Surroundings) => void | Promise<void>, told: Surroundings['told']][] = [
  ['none', () => undefined, [['local', false], ['hot', false], ['warm', false], ['super', false], ['peers', false], ['dht', false]]],
  ['dht', (around) => void (around.far = [provider('far')]), [['local', false], ['hot', false], ['warm', false], ['super', false], ['peers', false], ['dht', true]]],
  ['peers', (around) => void (around.near = [provider('near')]), [['local', false], ['hot', false], ['warm', false], ['super', false], ['peers', true]]],
  ['super', (around) => void (around.supers = [named('leased')]), [['local', false], ['hot', false], ['warm', false], ['super', true]]],
  ['warm', (around) => around.warm.put(cid, [hint('warm')], Date.now()), [['local', false], ['hot', false], ['warm', true]]],
  ['hot', (around) => around.hot.put(cid, [hint('hot')], Date.now()), [['local', false], ['hot', true]]],
  ['local', (around) => around.keepsHere(), [['local', true]]],
];

test.each(tiers)('%s: every answer names the tier that knew, each tier that was asked is counted, and none behind it is asked', async (tier, _knows, told) => {
  const around = new Surroundings();
  for (const [one, knows] of tiers) {
    await knows(around);
    if (one === tier) break;
  }
  expect((await around.lookups().lookup(cid, signal)).tier).toBe(tier);
  expect(around.told).toEqual(told);
});

test('what super-peers say is kept as a hint: the next lookup asks nobody, and may dial whom it names', async () => {
  const around = new Surroundings();
  around.supers = [named('leased')];
  const lookups = around.lookups();
  expect(await lookups.lookup(cid, signal)).toMatchObject({ tier: 'super', providers: ['leased'] });
  expect(await lookups.lookup(cid, signal)).toMatchObject({ tier: 'hot', providers: ['leased'] });
  expect([around.asked, around.met]).toEqual([['super'], ['leased']]);
});

test('a hint of the slower cache is kept in the quicker one', async () => {
  const around = new Surroundings();
  await around.warm.put(cid, [hint('warm')], Date.now());
  const lookups = around.lookups();
  expect([(await lookups.lookup(cid, signal)).tier, (await lookups.lookup(cid, signal)).tier]).toEqual(['warm', 'hot']);
});

test('a fetch tries hints first and does not rely on them: super-peers are asked beside', async () => {
  const around = new Surroundings();
  await around.hot.put(cid, [hint('stale')], Date.now());
  around.supers = [named('leased')];
  const found: string[] = [];
  for await (const { peer } of around.lookups().near(cid, signal)) found.push(`${peer} after ${around.asked.length} questions`);
  expect(found).toEqual(['stale after 0 questions', 'leased after 1 questions']);
});

test('a hint that failed is dropped from every cache, so that super-peers are asked again', async () => {
  const around = new Surroundings();
  await around.hot.put(cid, [hint('gone')], Date.now());
  await around.warm.put(cid, [hint('gone')], Date.now());
  around.supers = [named('leased')];
  const lookups = around.lookups();
  await lookups.failed(cid, 'gone', 'dead');
  expect(await lookups.lookup(cid, signal)).toMatchObject({ tier: 'super', providers: ['leased'] });
});

test('super-peers are asked once for all who look up a cid at a time, and one that gives up keeps nobody else from the answer', async () => {
  const around = new Surroundings();
  const { promise, resolve } = Promise.withResolvers<void>();
  around.answered = promise;
  around.supers = [named('leased')];
  const lookups = around.lookups();
  const leaving = new AbortController();
  const first = lookups.lookup(cid, leaving.signal);
  const others = [lookups.lookup(cid, signal), lookups.lookup(cid, signal)];
  leaving.abort();
  resolve();
  await expect(first).rejects.toMatchObject({ code: 'CANCELLED' });
  expect((await Promise.all(others)).map(({ tier }) => tier)).toEqual(['super', 'super']);
  expect(around.asked.filter((whom) => whom === 'super')).toEqual(['super']);
});

test('linked peers and the DHT are walked once for all who look up a cid at a time, and one that gives up keeps nobody else from the answer', async () => {
  const around = new Surroundings();
  const { promise, resolve } = Promise.withResolvers<void>();
  around.far = [provider('far')];
  const lookups = around.lookups({ finder: { ...around.finder(), gatherNear: async () => (around.asked.push('peers'), await promise, []) } });
  const leaving = new AbortController();
  const first = lookups.lookup(cid, leaving.signal);
  const others = [lookups.lookup(cid, signal), lookups.lookup(cid, signal)];
  while (!around.asked.includes('peers')) await nextTurn();
  leaving.abort();
  await expect(first).rejects.toMatchObject({ code: 'CANCELLED' });
  resolve();
  expect((await Promise.all(others)).map(({ tier, providers }) => [tier, ...providers])).toEqual([['dht', 'far'], ['dht', 'far']]);
  expect(around.asked).toEqual(['super', 'peers', 'dht']);
});

/** Tiers that two lookups in a row asked, with what happens between them. */
async function askedAgain(around: Surroundings, between: (lookups: Lookups) => void = () => undefined): Promise<readonly string[]> {
  const lookups = around.lookups();
  const missing: Cid = cid;
  expect(await lookups.lookup(missing, signal)).toMatchObject({ tier: 'none' });
  between(lookups);
  around.asked.length = 0;
  await lookups.lookup(missing, signal);
  return around.asked;
}

test('that nobody has a blob is believed for a while: only linked peers are asked again', async () => {
  expect(await askedAgain(new Surroundings())).toEqual(['peers']);
});

test('a release that names the cid makes an end of that, another one does not', async () => {
  const writer = author('ana');
  const [another, release] = [writer.releases('other', '1.0.0', { blob: Uint8Array.of(1) }), writer.releases('kit', '1.0.0', { blob: bytes })];
  expect(await askedAgain(new Surroundings(), (lookups) => lookups.newRecords([another]))).toEqual(['peers']);
  expect(await askedAgain(new Surroundings(), (lookups) => lookups.newRecords([release]))).toEqual(['super', 'peers', 'dht']);
});

test('who was linked to nobody has not heard that nobody has it', async () => {
  const alone = new Surroundings();
  alone.isAlone = true;
  expect(await askedAgain(alone)).toEqual(['super', 'peers', 'dht']);
});
