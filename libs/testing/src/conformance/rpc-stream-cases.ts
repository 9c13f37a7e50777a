import { expect } from '@jest/globals';
import { SoukError } from '@souk/domain';
import { abortOf, count, counted, failureOf, forever, greet } from './rpc-words.ts';
import type { SuiteContext, SuiteService, SuiteSite } from './rpc-transport.ts';
import type { Cases } from './suite.ts';

interface CountInput {
  readonly to: number;
  readonly bytes: number;
}

type Run = (input: CountInput, context: SuiteContext) => AsyncIterable<unknown>;

/** Starts one service that streams, and answers `greet` so that a test can tell when messages have crossed; and another that calls it. */
async function pair(site: SuiteSite, run: Run): Promise<{ server: SuiteService; rpc: SuiteService['rpc'] }> {
  const server = await site.start([
    { on: count, run },
    { on: greet, run: () => ({ text: 'here' }) },
  ]);
  return { server, rpc: (await site.start([])).rpc };
}

/** Reads a stream to its end and returns the numbers of its items. */
async function numbers(items: AsyncIterable<{ n: number }>): Promise<number[]> {
  const read: number[] = [];
  for await (const { n } of items) read.push(n);
  return read;
}

/** An item, then silence until the signal aborts. */
async function* oneThenSilence(signal: AbortSignal, stopped: () => void): AsyncGenerator<unknown> {
  try {
    yield { n: 0, padding: '' };
    await abortOf(signal);
  } finally {
    stopped();
  }
}

/** What a stream does. */
export const streamCases: Cases<SuiteSite> = {
  'brings its items in order, and ends': async (site) => {
    const { rpc } = await pair(site, counted);
    expect(await numbers(rpc.stream(count, { to: 5 }))).toEqual([0, 1, 2, 3, 4]);
    expect(await numbers(rpc.stream(count, { to: 0 }))).toEqual([]);
  },
  'brings far more than can wait anywhere': async (site) => {
    const { rpc } = await pair(site, counted);
    const read = await numbers(rpc.stream(count, { to: 3_000, bytes: 1_024 }));
    expect(read).toEqual(Array.from({ length: 3_000 }, (_, n) => n));
  },
  'goes on only as fast as its caller reads': async (site) => {
    let produced = 0;
    const { rpc } = await pair(site, async function* run(input) {
      for await (const item of counted(input)) yield ((produced += 1), item);
    });
    const items = rpc.stream(count, { to: 1_000, bytes: 16_384 })[Symbol.asyncIterator]();
    await items.next();
    for (let n = 0; n < 50; n += 1) await rpc.call(greet, { name: 'souk' });
    expect(produced).toBeLessThan(200);
    let rest = 0;
    while (!(await items.next()).done) rest += 1;
    expect(rest).toBe(999);
  },
  'brings the items before an error, then the error': async (site) => {
    const { rpc } = await pair(site, async function* run() {
      yield { n: 0, padding: '' };
      throw new SoukError('NO_PROVIDER', 'Nobody has it.', { hint: 'Later.' });
    });
    const items = rpc.stream(count, { to: 1 })[Symbol.asyncIterator]();
    expect((await items.next()).value).toEqual({ n: 0, padding: '' });
    expect(await failureOf(items.next())).toMatchObject({ code: 'NO_PROVIDER', message: 'Nobody has it.', hint: 'Later.' });
  },
  'whose bad input, bug, bad or oversized item is an error': async (site) => {
    const { rpc } = await pair(site, async function* run({ to }) {
      if (to === 1) throw new TypeError('a bug');
      yield to === 2 ? { n: 'two' } : { n: 3, padding: 'x'.repeat(site.maxMessageBytes) };
    });
    expect((await failureOf(numbers(rpc.stream(count, { to: 0.5 })))).code).toBe('BAD_REQUEST');
    expect((await failureOf(numbers(rpc.stream(count, { to: 1 })))).code).toBe('INTERNAL');
    expect((await failureOf(numbers(rpc.stream(count, { to: 2 })))).code).toBe('INTERNAL');
    expect((await failureOf(numbers(rpc.stream(count, { to: 3 })))).code).toBe('TOO_LARGE');
  },
  'that nobody serves is UNAVAILABLE': async (site) => {
    const { rpc } = await site.start([]);
    expect((await failureOf(numbers(rpc.stream(count, { to: 1 })))).code).toBe('UNAVAILABLE');
  },
  'that its caller leaves stops at the server': async (site) => {
    const stopped = Promise.withResolvers<void>();
    const { rpc } = await pair(site, (_input, { signal }) => oneThenSilence(signal, () => stopped.resolve()));
    for await (const { n } of rpc.stream(count, { to: 1 })) {
      expect(n).toBe(0);
      break;
    }
    await stopped.promise;
  },
  'that its caller leaves ends its generator where it waits': async (site) => {
    const ended = Promise.withResolvers<void>();
    const { rpc } = await pair(site, async function* run(input) {
      try {
        yield* counted(input);
      } finally {
        ended.resolve();
      }
    });
    for await (const { n } of rpc.stream(count, { to: 1_000, bytes: 16_384 })) {
      expect(n).toBe(0);
      break;
    }
    await ended.promise;
  },
  'that its caller cancels while it waits is CANCELLED and stops at the server': async (site) => {
    const stopped = Promise.withResolvers<void>();
    const { rpc } = await pair(site, (_input, { signal }) => oneThenSilence(signal, () => stopped.resolve()));
    const controller = new AbortController();
    const items = rpc.stream(count, { to: 1 }, { signal: controller.signal })[Symbol.asyncIterator]();
    await items.next();
    const failure = failureOf(items.next());
    controller.abort();
    expect((await failure).code).toBe('CANCELLED');
    await stopped.promise;
  },
  'that is silent for too long is TIMEOUT and stops at the server': async (site) => {
    const stopped = Promise.withResolvers<void>();
    const { rpc } = await pair(site, (_input, { signal }) => oneThenSilence(signal, () => stopped.resolve()));
    expect((await failureOf(numbers(rpc.stream(count, { to: 1 }, { timeoutMs: 200 })))).code).toBe('TIMEOUT');
    await stopped.promise;
  },
  'with an end of its own is finished when its service closes': async (site) => {
    const go = Promise.withResolvers<void>();
    const { server, rpc } = await pair(site, async function* run(input) {
      for await (const item of counted(input)) {
        yield item;
        await go.promise;
      }
    });
    const items = rpc.stream(count, { to: 3 })[Symbol.asyncIterator]();
    await items.next();
    const closed = server.close();
    go.resolve();
    expect((await items.next()).value).toMatchObject({ n: 1 });
    expect((await items.next()).value).toMatchObject({ n: 2 });
    expect((await items.next()).done).toBe(true);
    await closed;
  },
  'without an end is cut off when its service closes': async (site) => {
    const run = async function* run(): AsyncGenerator<unknown> {
      yield { n: 0, padding: '' };
      await forever();
    };
    const server = await site.start([{ on: count, run, endless: true }]);
    const { rpc } = await site.start([]);
    const items = rpc.stream(count, { to: 1 })[Symbol.asyncIterator]();
    await items.next();
    const failure = failureOf(items.next());
    await server.close();
    expect((await failure).code).toBe('UNAVAILABLE');
  },
};
