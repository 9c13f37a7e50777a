import { expect, test } from '@jest/globals';
import { request, stream } from '@souk/contracts';
import { SoukError, type ErrorCode } from '@souk/domain';
import { z } from 'zod';
import { PeerReads } from './peer-reads.ts';
import type { CallOptions, Rpc } from './rpc.ts';

const read = request('souk.peer.{ordinal}.v1.spec', { input: z.object({}), output: z.object({ from: z.int() }), timeoutMs: 1000 });
const follow = stream('souk.peer.{ordinal}.v1.items', { input: z.object({}), item: z.object({ from: z.int() }), timeoutMs: 1000 });

/** Peers that answer with their ordinal, unless they fail or hang: as the rpc client shows them. Pauses end when the test says so. */
function site(peers: number) {
  const failing = new Map<number, ErrorCode>();
  const hanging = new Set<number>();
  const asked: number[] = [];
  const given: { readonly signals: AbortSignal[] } = { signals: [] };
  const waiting: { readonly signal: AbortSignal; readonly end: () => void }[] = [];
  let now = 0;
  const ask = async ({ ordinal = 0, signal }: CallOptions): Promise<{ from: number }> => {
    asked.push(ordinal);
    if (signal) given.signals[ordinal] = signal;
    if (hanging.has(ordinal)) await new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(new SoukError('CANCELLED', `peer ${ordinal}`))));
    const code = failing.get(ordinal);
    if (code) throw new SoukError(code, `peer ${ordinal}`);
    return { from: ordinal };
  };
  const rpc = {
    call: async (_contract: unknown, _input: unknown, options: CallOptions) => ask(options),
    async *stream(_contract: unknown, _input: unknown, options: CallOptions) {
      yield await ask(options);
      yield await ask(options);
    },
  } as unknown as Rpc;
  const pause = (_ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      waiting.push({ signal, end: resolve });
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  const reads = new PeerReads(rpc, peers, { memoryMs: 100, now: () => now, pause });
  const take = (): number[] => asked.splice(0);
  const pass = (ms: number): void => void (now += ms);
  /** Who was asked is late from now on. */
  const growLate = (): void => waiting.splice(0).forEach(({ end }) => end());
  return { failing, hanging, reads, pass, growLate, take, given };
}

test('the primary is read while it answers', async () => {
  const { reads, take } = site(3);
  expect(await reads.call(read, {})).toEqual({ from: 0 });
  expect(take()).toEqual([0]);
});

test('the next one is read while it does not, and nobody waits for it until it answers again', async () => {
  const { reads, failing, pass, take } = site(3);
  failing.set(0, 'UNAVAILABLE').set(1, 'TIMEOUT');
  expect(await reads.call(read, {})).toEqual({ from: 2 });
  expect(await reads.call(read, {})).toEqual({ from: 2 });
  expect(take()).toEqual([0, 1, 2, 2]);
  pass(100);
  expect(await reads.call(read, {})).toEqual({ from: 2 });
  expect(await reads.call(read, {})).toEqual({ from: 2 });
  expect(take()).toEqual([0, 1, 2, 2]);
  failing.clear();
  pass(100);
  expect(await reads.call(read, {})).toEqual({ from: 2 });
  expect(await reads.call(read, {})).toEqual({ from: 0 });
  expect(take()).toEqual([0, 1, 2, 0]);
});

test('a primary that hangs costs one reader a short wait: the next peer is asked too, and only it from then on', async () => {
  const { reads, hanging, pass, growLate, take, given } = site(2);
  hanging.add(0);
  const first = reads.call(read, {});
  growLate();
  expect(await first).toEqual({ from: 1 });
  expect(given.signals[0]?.aborted).toBe(true);
  expect(await reads.call(read, {})).toEqual({ from: 1 });
  pass(100);
  expect(await reads.call(read, {})).toEqual({ from: 1 });
  expect(await reads.call(read, {})).toEqual({ from: 1 });
  expect(take()).toEqual([0, 1, 1, 0, 1, 1]);
  hanging.clear();
  pass(100);
  await reads.call(read, {});
  expect(await reads.call(read, {})).toEqual({ from: 0 });
});

test('a primary that is only slow still answers when the other one refuses', async () => {
  const { reads, growLate } = site(2);
  const slow = Promise.withResolvers<void>();
  const answered = reads.fromAny(async (ordinal) => {
    if (ordinal === 1) throw new SoukError('PACKAGE_NOT_FOUND', 'peer 1');
    await slow.promise;
    return ordinal;
  });
  growLate();
  slow.resolve();
  expect(await answered).toBe(0);
});

test('a refusal of the other one counts when the primary stays silent', async () => {
  const { reads, growLate } = site(2);
  const silence = Promise.withResolvers<void>();
  const answered = reads.fromAny(async (ordinal) => {
    if (ordinal === 0) await silence.promise;
    throw new SoukError(ordinal === 0 ? 'TIMEOUT' : 'PACKAGE_NOT_FOUND', `peer ${ordinal}`);
  });
  growLate();
  silence.resolve();
  await expect(answered).rejects.toMatchObject({ code: 'PACKAGE_NOT_FOUND' });
});

test('who wants what is newest waits for the primary until it fails, also when others have overtaken it', async () => {
  const { reads, hanging, growLate, take } = site(2);
  hanging.add(0);
  const overtaken = reads.call(read, {});
  growLate();
  await overtaken;
  hanging.clear();
  expect(await reads.call(read, {}, { isPatient: true })).toEqual({ from: 0 });
  expect(take()).toEqual([0, 1, 0]);
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
