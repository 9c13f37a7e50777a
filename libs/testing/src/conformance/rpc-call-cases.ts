import { expect } from '@jest/globals';
import { greet, otherGreet, relay, whichPeer } from './rpc-words.ts';
import type { SuiteContext, SuiteSite } from './rpc-transport.ts';
import type { Cases } from './suite.ts';

interface Greeting {
  readonly name: string;
  readonly times: number;
  readonly tags?: string[];
}

const answer = ({ name, times }: Greeting): { text: string } => ({ text: `hello ${name} `.repeat(times).trim() });

/** What a request does when all goes well. */
export const callCases: Cases<SuiteSite> = {
  'is answered by its handler, with the defaults of its schema': async (site) => {
    await site.start([{ on: greet, run: answer }]);
    const { rpc } = await site.start([]);
    expect(await rpc.call(greet, { name: 'souk' })).toEqual({ text: 'hello souk' });
    expect(await rpc.call(greet, { name: 'souk', times: 2 })).toEqual({ text: 'hello souk hello souk' });
  },
  'is answered within one service too': async (site) => {
    const { rpc } = await site.start([{ on: greet, run: answer }]);
    expect(await rpc.call(greet, { name: 'me' })).toEqual({ text: 'hello me' });
  },
  'crosses as text: no side sees or changes the objects of the other': async (site) => {
    const kept = ['a'];
    await site.start([{ on: greet, run: ({ tags = [] }: Greeting) => (tags.push('b'), { text: '', tags: kept }) }]);
    const { rpc } = await site.start([]);
    const given = ['x'];
    const got = await rpc.call(greet, { name: 'souk', tags: given });
    got.tags?.push('c');
    expect(given).toEqual(['x']);
    expect(kept).toEqual(['a']);
  },
  'carries only what its contract names': async (site) => {
    const seen: unknown[] = [];
    await site.start([{ on: greet, run: (input: Greeting) => (seen.push(input), { text: 'hello', secret: 'x' }) }]);
    const { rpc } = await site.start([]);
    const input = { name: 'souk', unknown: true };
    expect(await rpc.call(greet, input)).toEqual({ text: 'hello' });
    expect(await rpc.call({ ...otherGreet, output: greet.output.loose() }, input)).toEqual({ text: 'hello' });
    expect(seen).toEqual([
      { name: 'souk', times: 1 },
      { name: 'souk', times: 1 },
    ]);
  },
  'gets its own answer among many at once': async (site) => {
    await site.start([{ on: greet, run: answer }]);
    const { rpc } = await site.start([]);
    const names = Array.from({ length: 200 }, (_, index) => `n${index}`);
    const answers = await Promise.all(names.map((name) => rpc.call(greet, { name })));
    expect(answers).toEqual(names.map((name) => ({ text: `hello ${name}` })));
  },
  'is shared by the instances of a service, each served once': async (site) => {
    const served = [0, 0];
    for (const instance of [0, 1]) await site.start([{ on: greet, run: (input: Greeting) => ((served[instance] = (served[instance] ?? 0) + 1), answer(input)) }]);
    const { rpc } = await site.start([]);
    for (let n = 0; n < 64; n += 1) await rpc.call(greet, { name: `n${n}` });
    expect(Math.min(...served)).toBeGreaterThan(0);
    expect(served.reduce((sum, one) => sum + one, 0)).toBe(64);
  },
  'reaches the ordinal that it names, the primary otherwise': async (site) => {
    for (const ordinal of [0, 1, 2]) await site.start([{ on: whichPeer, run: () => ({ ordinal }) }], { ordinal });
    const { rpc } = await site.start([]);
    expect(await rpc.call(whichPeer, {}, { ordinal: 2 })).toEqual({ ordinal: 2 });
    expect(await rpc.call(whichPeer, {}, { ordinal: 1 })).toEqual({ ordinal: 1 });
    expect(await rpc.call(whichPeer, {})).toEqual({ ordinal: 0 });
  },
  'hands its trace on from hop to hop': async (site) => {
    const traceparents: string[] = [];
    const note = ({ traceparent }: SuiteContext): void => void traceparents.push(traceparent);
    const inner = await site.start([{ on: greet, run: (input: Greeting, context: SuiteContext) => (note(context), answer(input)) }]);
    const run = async (_input: object, context: SuiteContext): Promise<unknown> => {
      note(context);
      await inner.rpc.call(greet, { name: 'souk' });
      return { traceparents };
    };
    const outer = await site.start([{ on: relay, run }]);
    await outer.rpc.call(relay, {});
    const ids = traceparents.map((traceparent) => traceparent.split('-'));
    expect(traceparents).toHaveLength(2);
    for (const traceparent of traceparents) expect(traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
    expect(ids[0]?.[1]).toBe(ids[1]?.[1]);
    expect(ids[0]?.[2]).not.toBe(ids[1]?.[2]);
  },
  'in work is finished when its service closes': async (site) => {
    const began = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const service = await site.start([{ on: greet, run: async (input: Greeting) => (began.resolve(), await go.promise, answer(input)) }]);
    const { rpc } = await site.start([]);
    const call = rpc.call(greet, { name: 'souk' });
    await began.promise;
    const closed = service.close();
    go.resolve();
    expect(await call).toEqual({ text: 'hello souk' });
    await closed;
  },
  'is never lost when one of two instances closes': async (site) => {
    const instances = [await site.start([{ on: greet, run: answer }]), await site.start([{ on: greet, run: answer }])];
    const { rpc } = await site.start([]);
    const asked: Promise<unknown>[] = [];
    const ask = (): void => void asked.push(rpc.call(greet, { name: 'souk' }));
    for (let n = 0; n < 50; n += 1) ask();
    let isClosed = false;
    const closed = instances[0]?.close().then(() => (isClosed = true));
    for (; !isClosed; await new Promise((resolve) => setImmediate(resolve))) ask();
    for (let n = 0; n < 50; n += 1) ask();
    const answers = await Promise.all(asked);
    expect(answers.filter((one) => JSON.stringify(one) !== '{"text":"hello souk"}')).toEqual([]);
    await closed;
  },
};
