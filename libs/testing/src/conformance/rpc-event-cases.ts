import { expect } from '@jest/globals';
import { failureOf, greet, happened } from './rpc-words.ts';
import type { SuiteHandler, SuiteSite } from './rpc-transport.ts';
import type { Cases } from './suite.ts';

interface Happened {
  readonly n: number;
  readonly padding: string;
}

/** A listener that notes what it hears, and a promise of the first `expected` notes. */
function listener(expected: number, before: (event: Happened) => unknown = () => undefined): { handler: SuiteHandler; heard: Promise<number[]>; notes: number[] } {
  const notes: number[] = [];
  const all = Promise.withResolvers<number[]>();
  const run = async (event: Happened): Promise<void> => {
    await before(event);
    notes.push(event.n);
    if (notes.length === expected) all.resolve(notes);
  };
  return { handler: { on: happened, run }, heard: all.promise, notes };
}

const hundred = Array.from({ length: 100 }, (_, n) => n);

/** What an event does. */
export const eventCases: Cases<SuiteSite> = {
  'is heard by every instance, in the order of its publisher': async (site) => {
    const [one, two] = [listener(100), listener(100)];
    await site.start([one.handler]);
    await site.start([two.handler]);
    const { rpc } = await site.start([]);
    for (const n of hundred) await rpc.emit(happened, { n });
    expect(await one.heard).toEqual(hundred);
    expect(await two.heard).toEqual(hundred);
  },
  'keeps its order when handlers take their time': async (site) => {
    const slow = listener(20, async ({ n }) => {
      for (let turn = n % 3; turn > 0; turn -= 1) await new Promise((resolve) => setImmediate(resolve));
    });
    await site.start([slow.handler]);
    const { rpc } = await site.start([]);
    await Promise.all(hundred.slice(0, 20).map((n) => rpc.emit(happened, { n })));
    expect(await slow.heard).toEqual(hundred.slice(0, 20));
  },
  'is heard by several handlers of one service': async (site) => {
    const [one, two] = [listener(1), listener(1)];
    await site.start([one.handler, two.handler]);
    const { rpc } = await site.start([]);
    await rpc.emit(happened, { n: 7 });
    expect(await one.heard).toEqual([7]);
    expect(await two.heard).toEqual([7]);
  },
  'is heard by one member of a group': async (site) => {
    const heard: number[] = [];
    const all = Promise.withResolvers<void>();
    const run = ({ n }: Happened): void => {
      heard.push(n);
      if (heard.length === 100) all.resolve();
    };
    const listens = { on: happened, queue: 'suite', run };
    await site.start([listens]);
    await site.start([listens]);
    const { rpc } = await site.start([{ on: greet, run: () => ({ text: '' }) }]);
    for (const n of hundred) await rpc.emit(happened, { n });
    await all.promise;
    await rpc.call(greet, { name: 'souk' });
    expect(heard.toSorted((a, b) => a - b)).toEqual(hundred);
  },
  'that nobody hears is no error': async (site) => {
    const { rpc } = await site.start([]);
    await expect(rpc.emit(happened, { n: 1 })).resolves.toBeUndefined();
  },
  'that a handler fails on does not stop the next ones': async (site) => {
    const one = listener(2, ({ n }) => {
      if (n === 1) throw new TypeError('a bug');
    });
    await site.start([one.handler]);
    const { rpc } = await site.start([]);
    for (const n of [0, 1, 2]) await rpc.emit(happened, { n });
    expect(await one.heard).toEqual([0, 2]);
  },
  'that breaks its contract or is too large is refused at the sender': async (site) => {
    const one = listener(1);
    await site.start([one.handler]);
    const { rpc } = await site.start([]);
    expect((await failureOf(rpc.emit(happened, { n: 0.5 }))).code).toBe('BAD_REQUEST');
    expect((await failureOf(rpc.emit(happened, { n: 1, padding: 'x'.repeat(site.maxMessageBytes) }))).code).toBe('TOO_LARGE');
    await rpc.emit(happened, { n: 2 });
    expect(await one.heard).toEqual([2]);
  },
};
