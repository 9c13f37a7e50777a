import { expect } from '@jest/globals';
import { SoukError } from '@souk/domain';
import { abortOf, failureOf, forever, greet, otherGreet } from './rpc-words.ts';
import type { SuiteContext, SuiteSite } from './rpc-transport.ts';
import type { Cases } from './suite.ts';

/** Starts one service that answers `greet`, and another that calls it. */
async function pair(site: SuiteSite, run: (input: never, context: SuiteContext) => unknown): ReturnType<SuiteSite['start']> {
  await site.start([{ on: greet, run }]);
  return site.start([]);
}

/** What a request does when something is wrong. */
export const failureCases: Cases<SuiteSite> = {
  'that breaks its contract is refused before it is sent': async (site) => {
    let calls = 0;
    const { rpc } = await pair(site, () => ((calls += 1), { text: '' }));
    const error = await failureOf(rpc.call(greet, { name: '', times: 1.5 }));
    expect(error.code).toBe('BAD_REQUEST');
    expect(error.details).toMatchObject({ problems: [{ path: 'name' }, { path: 'times' }] });
    expect(calls).toBe(0);
  },
  'that another version of its contract lets through is refused by the server': async (site) => {
    let calls = 0;
    const { rpc } = await pair(site, () => ((calls += 1), { text: '' }));
    const error = await failureOf(rpc.call(otherGreet, { name: 7 }));
    expect(error.code).toBe('BAD_REQUEST');
    expect(error.details).toMatchObject({ problems: [{ path: 'name' }] });
    expect(calls).toBe(0);
  },
  'gets the SoukError that the handler threw': async (site) => {
    const { rpc } = await pair(site, () => {
      throw new SoukError('VERSION_EXISTS', 'mitt@1.0.0 exists.', { hint: 'Publish 1.0.1.', details: { files: ['a', 'b'] } });
    });
    const error = await failureOf(rpc.call(greet, { name: 'souk' }));
    expect(error).toMatchObject({ code: 'VERSION_EXISTS', message: 'mitt@1.0.0 exists.', hint: 'Publish 1.0.1.', details: { files: ['a', 'b'] } });
    expect(error.traceId).toMatch(/^[0-9a-f]{32}$/);
  },
  'gets INTERNAL and no word of a bug': async (site) => {
    const { rpc } = await pair(site, () => {
      throw new TypeError('the password is 1234');
    });
    const error = await failureOf(rpc.call(greet, { name: 'souk' }));
    expect(error.code).toBe('INTERNAL');
    expect(JSON.stringify({ ...error, message: error.message })).not.toContain('1234');
    expect(error.traceId).toMatch(/^[0-9a-f]{32}$/);
  },
  'whose handler breaks the contract is INTERNAL': async (site) => {
    const { rpc } = await pair(site, () => ({ text: 7 }));
    expect((await failureOf(rpc.call(greet, { name: 'souk' }))).code).toBe('INTERNAL');
    const silent = await pair(site, () => undefined);
    expect((await failureOf(silent.rpc.call(greet, { name: 'souk' }))).code).toBe('INTERNAL');
  },
  'that gets another answer than agreed is UNAVAILABLE': async (site) => {
    const { rpc } = await pair(site, () => ({ text: 'hello' }));
    const error = await failureOf(rpc.call(otherGreet, { name: 'souk' }));
    expect(error.code).toBe('UNAVAILABLE');
    expect(error.hint).toBeDefined();
  },
  'that nobody listens to is UNAVAILABLE at once': async (site) => {
    const { rpc } = await site.start([]);
    const error = await failureOf(rpc.call(greet, { name: 'souk' }, { timeoutMs: 1_000_000 }));
    expect(error.code).toBe('UNAVAILABLE');
    expect(error.hint).toContain('suite');
  },
  'to a service that has closed is UNAVAILABLE': async (site) => {
    const service = await site.start([{ on: greet, run: () => ({ text: 'hello' }) }]);
    const { rpc } = await site.start([]);
    await rpc.call(greet, { name: 'souk' });
    await service.close();
    expect((await failureOf(rpc.call(greet, { name: 'souk' }))).code).toBe('UNAVAILABLE');
  },
  'that is not answered in time is TIMEOUT, and its handler hears of it': async (site) => {
    const stopped = Promise.withResolvers<void>();
    const { rpc } = await pair(site, async (_input: object, { signal }: SuiteContext) => {
      await abortOf(signal);
      stopped.resolve();
      return forever();
    });
    const error = await failureOf(rpc.call(greet, { name: 'souk' }, { timeoutMs: 20 }));
    expect(error.code).toBe('TIMEOUT');
    await stopped.promise;
  },
  'that its caller gives up is CANCELLED, and its handler hears of it': async (site) => {
    const began = Promise.withResolvers<void>();
    const stopped = Promise.withResolvers<void>();
    const { rpc } = await pair(site, async (_input: object, { signal }: SuiteContext) => {
      began.resolve();
      await abortOf(signal);
      stopped.resolve();
      return { text: 'too late' };
    });
    const controller = new AbortController();
    const failure = failureOf(rpc.call(greet, { name: 'souk' }, { signal: controller.signal, timeoutMs: 1_000_000 }));
    await began.promise;
    controller.abort();
    expect((await failure).code).toBe('CANCELLED');
    await stopped.promise;
  },
  'that was given up before it began is not sent': async (site) => {
    let calls = 0;
    const { rpc } = await pair(site, () => ((calls += 1), { text: '' }));
    expect((await failureOf(rpc.call(greet, { name: 'souk' }, { signal: AbortSignal.abort() }))).code).toBe('CANCELLED');
    await rpc.call(greet, { name: 'souk' });
    expect(calls).toBe(1);
  },
  'that is too large is TOO_LARGE and not sent; just below the limit it passes': async (site) => {
    const lengths: number[] = [];
    const { rpc } = await pair(site, ({ name }: { name: string }) => (lengths.push(name.length), { text: '' }));
    const error = await failureOf(rpc.call(greet, { name: 'x'.repeat(site.maxMessageBytes) }));
    expect(error.code).toBe('TOO_LARGE');
    expect(error.details).toMatchObject({ limit: site.maxMessageBytes });
    await rpc.call(greet, { name: 'x'.repeat(site.maxMessageBytes - 512) });
    expect(lengths).toEqual([site.maxMessageBytes - 512]);
  },
  'whose answer is too large is TOO_LARGE': async (site) => {
    const { rpc } = await pair(site, () => ({ text: 'x'.repeat(site.maxMessageBytes) }));
    expect((await failureOf(rpc.call(greet, { name: 'souk' }))).code).toBe('TOO_LARGE');
  },
  'whose error is too large still gets the error': async (site) => {
    const { rpc } = await pair(site, () => {
      throw new SoukError('BAD_MANIFEST', 'x'.repeat(100_000), { details: { all: 'x'.repeat(site.maxMessageBytes) } });
    });
    expect((await failureOf(rpc.call(greet, { name: 'souk' }))).code).toBe('BAD_MANIFEST');
  },
};
