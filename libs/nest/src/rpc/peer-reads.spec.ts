import { expect, test } from '@jest/globals';
import { request, stream } from '@souk/contracts';
import { SoukError, type ErrorCode } from '@souk/domain';
import { z } from 'zod';
import { PeerReads } from './peer-reads.ts';
import type { CallOptions, Rpc } from './rpc.ts';

const read = request('souk.peer.{ordinal}.v1.spec', { input: z.object({}), output: z.object({ from: z.int() }), timeoutMs: 1000 });
const follow = stream('souk.peer.{ordinal}.v1.items', { input: z.object({}), item: z.object({ from: z.int() }), timeoutMs: 1000 });

/** Peers that answer with their ordinal, unless they fail: as the rpc client shows them. */
function site(peers: number) {
  const failing = new Map<number, ErrorCode>();
  const asked: number[] = [];
  let now = 0;
  const ask = ({ ordinal = 0 }: CallOptions): { from: number } => {
    asked.push(ordinal);
    const code = failing.get(ordinal);
    if (code) throw new SoukError(code, `peer ${ordinal}`);
    return { from: ordinal };
  };
  const rpc = {
    call: async (_contract: unknown, _input: unknown, options: CallOptions) => ask(options),
    async *stream(_contract: unknown, _input: unknown, options: CallOptions) {
      yield ask(options);
      yield ask(options);
    },
  } as unknown as Rpc;
  const reads = new PeerReads(rpc, peers, { memoryMs: 100, now: () => now });
  const pass = (ms: number): void => void (now += ms);
  const take = (): number[] => asked.splice(0);
  return { failing, reads, pass, take };
}

test('the primary is read while it answers', async () => {
  const { reads, take } = site(3);
  expect(await reads.call(read, {})).toEqual({ from: 0 });
  expect(take()).toEqual([0]);
});

test('the next one is read while it does not, and nobody waits for it again until a while has passed', async () => {
  const { reads, failing, pass, take } = site(3);
  failing.set(0, 'UNAVAILABLE').set(1, 'TIMEOUT');
  expect(await reads.call(read, {})).toEqual({ from: 2 });
  expect(await reads.call(read, {})).toEqual({ from: 2 });
  expect(take()).toEqual([0, 1, 2, 2]);
  failing.clear();
  pass(101);
  expect(await reads.call(read, {})).toEqual({ from: 0 });
  expect(take()).toEqual([0]);
});

test('what a peer answers is the answer, also when it is a refusal', async () => {
  const { reads, failing, take } = site(2);
  failing.set(0, 'PACKAGE_NOT_FOUND');
  await expect(reads.call(read, {})).rejects.toMatchObject({ code: 'PACKAGE_NOT_FOUND' });
  expect(take()).toEqual([0]);
});

test('when none answers the primary says why, and each is asked again next time', async () => {
  const { reads, failing, take } = site(2);
  failing.set(0, 'UNAVAILABLE').set(1, 'TIMEOUT');
  await expect(reads.call(read, {})).rejects.toMatchObject({ code: 'UNAVAILABLE', message: 'peer 0' });
  await expect(reads.call(read, {})).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(take()).toEqual([0, 1, 0, 1]);
});

test('who gave up does not ask the others', async () => {
  const { reads, failing, take } = site(2);
  failing.set(0, 'TIMEOUT');
  await expect(reads.call(read, {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'TIMEOUT' });
  expect(take()).toEqual([0]);
});

test('a stream begins at a peer that answers and never changes to another one half-way', async () => {
  const { reads, failing } = site(2);
  failing.set(0, 'UNAVAILABLE');
  const items: unknown[] = [];
  for await (const item of reads.stream(follow, {})) items.push(item);
  expect(items).toEqual([{ from: 1 }, { from: 1 }]);
  failing.clear();
  const begun = reads.stream(follow, {});
  await begun.next();
  failing.set(1, 'UNAVAILABLE');
  await expect(begun.next()).rejects.toMatchObject({ code: 'UNAVAILABLE', message: 'peer 1' });
});
