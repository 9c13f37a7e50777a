import { expect, test } from '@jest/globals';
import { blobCid, sha256Of } from '@souk/domain';
import { until, type Changes } from '@souk/testing';
import { orAbort } from '../node/waiting.ts';
import type { NamedProvider } from './lookup-client.ts';
import { defaultLookupLimits } from './lookup-limits.ts';
import { SuperFinder, type SuperFinderNeeds } from './super-finder.ts';

const cid = blobCid(sha256Of(new Uint8Array()));
const signal = new AbortController().signal;
const hourMs = 3_600_000;
const named = (...peers: string[]): readonly NamedProvider[] => peers.map((peer) => ({ peer, addresses: [], leftMs: hourMs }));

/** Super-peers by their names, what each answers, and who was asked. */
class Supers {
  readonly asked: string[] = [];
  readonly verdicts: string[] = [];
  readonly #answers: Readonly<Record<string, readonly NamedProvider[] | Promise<never>>>;
  readonly #watchers = new Set<() => void>();

  constructor(answers: Readonly<Record<string, readonly NamedProvider[] | Promise<never>>>) {
    this.#answers = answers;
  }

  readonly changes: Changes = (changed) => {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  };

  finder(needs: Partial<SuperFinderNeeds> = {}): SuperFinder {
    const exchange = async (superPeer: string, _work: unknown, ended: AbortSignal): Promise<unknown> => {
      this.asked.push(superPeer);
      this.#changed();
      return new Map([[cid, await orAbort(Promise.resolve(this.#answers[superPeer]), ended, 'The question')]]);
    };
    const judged = (superPeer: string, verdict: string): void => {
      this.verdicts.push(`${superPeer} ${verdict}`);
      this.#changed();
    };
    return new SuperFinder({
      self: 'self',
      limits: { ...defaultLookupLimits, hedgeMs: hourMs, answerMs: hourMs },
      log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
      supers: () => Object.keys(this.#answers),
      firstSuper: () => Promise.resolve(),
      exchange: exchange as SuperFinderNeeds['exchange'],
      openBlob: () => Promise.reject(new Error('nobody can be dialled')),
      meet: () => Promise.resolve(),
      judged,
      audited: () => undefined,
      random: () => 0.5,
      ...needs,
    });
  }

  /** Resolves when so many answers were judged. */
  judges(count: number): Promise<void> {
    return until(() => this.verdicts.length >= count, this.changes);
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }
}

const peersOf = (providers: readonly NamedProvider[]): readonly string[] => providers.map(({ peer }) => peer);

test.each([
  ['two providers are enough: one super-peer is asked', named('a', 'b'), ['one'], ['a', 'b']],
  ['one is thin: a second super-peer is asked, not a third', named('a'), ['one', 'two'], ['a']],
  ['nobody: a second super-peer is asked and waited for, not a third', named(), ['one', 'two'], ['c']],
])('%s', async (_what, answer, asked, found) => {
  const supers = new Supers({ one: answer, two: named('c'), three: named('d') });
  expect(peersOf(await supers.finder().find(cid, signal))).toEqual(found);
  await supers.judges(asked.length);
  expect(supers.asked).toEqual(asked);
});

test('what the second one adds to a thin answer is told afterwards', async () => {
  const supers = new Supers({ one: named('a'), two: named('b') });
  const { promise, resolve } = Promise.withResolvers<readonly NamedProvider[]>();
  expect(peersOf(await supers.finder().find(cid, signal, { more: resolve }))).toEqual(['a']);
  expect(peersOf(await promise)).toEqual(['a', 'b']);
});

const silent = new Promise<never>(() => undefined);
/** What follows from what is there without waiting for anybody has happened then. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a super-peer that is slow is hedged: a second one is asked beside it, and its answer is enough', async () => {
  const supers = new Supers({ slow: silent, quick: named('a', 'b') });
  const finder = supers.finder({ limits: { ...defaultLookupLimits, hedgeMs: 1, answerMs: hourMs } });
  const leaving = new AbortController();
  expect(peersOf(await finder.find(cid, leaving.signal))).toEqual(['a', 'b']);
  expect(supers.asked).toEqual(['slow', 'quick']);
  leaving.abort();
});

test('without hedging whoever asks a slow one waits for it', async () => {
  const supers = new Supers({ slow: silent, quick: named('a', 'b') });
  const leaving = new AbortController();
  const answer = supers.finder().find(cid, leaving.signal);
  await until(() => supers.asked.length > 0, supers.changes);
  await settled();
  expect(supers.asked).toEqual(['slow']);
  leaving.abort();
  expect(await answer).toEqual([]);
});

test.each([
  ['one answer in a hundred is audited: another super-peer is asked the same', 0.0099, ['one', 'two']],
  ['the other answers are not', 0.01, ['one']],
])('%s', async (_what, random, asked) => {
  const supers = new Supers({ one: named('a', 'b'), two: named('a', 'b') });
  expect(peersOf(await supers.finder({ random: () => random }).find(cid, signal))).toEqual(['a', 'b']);
  await settled();
  expect(supers.asked).toEqual(asked);
});

test('a lookup right after the start waits until there is a super-peer to ask', async () => {
  const supers = new Supers({ one: named('a', 'b') });
  const linked: string[] = [];
  const firstSuper = async (): Promise<void> => void linked.push('one');
  expect(peersOf(await supers.finder({ supers: () => linked, firstSuper }).find(cid, signal))).toEqual(['a', 'b']);
});
