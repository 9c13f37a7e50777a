import { afterEach, expect, jest, test } from '@jest/globals';
import { InlineRecordVerifier, MemoryLogStore, SoukError } from '@souk/domain';
import { fullPeerLimits } from '../node/peer-limits.ts';
import { ChargedIntake } from './charged-intake.ts';
import { HeldHeads } from './held-heads.ts';
import { RecordIntake } from './record-intake.ts';
import { Syncer } from './syncer.ts';

const ignore = (): void => undefined;
const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

afterEach(() => void jest.useRealTimers());

test('unless told otherwise a peer reconciles every 24 to 36 s, with a link chosen at random', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  const logs = new MemoryLogStore({ now: () => 0 });
  const intake = new ChargedIntake({ logs, intake: new RecordIntake({ logs }, { records: ignore, forks: ignore }), now: () => 0, log, deferred: ignore });
  const asked: string[] = [];
  const open = (peer: string): Promise<never> => {
    asked.push(peer);
    return Promise.reject(new SoukError('PEER_UNREACHABLE', 'Nobody is there.'));
  };
  const syncer = new Syncer({ logs, heads: new HeldHeads(logs), verifier: new InlineRecordVerifier(() => Promise.resolve()), intake, limits: fullPeerLimits, log, blame: ignore, linked: () => ['a', 'b', 'c'], spreading: { isPushedTo: () => false, isGossipedTo: () => false, isGossiped: () => false }, open });
  syncer.start();
  await jest.advanceTimersByTimeAsync(23_900);
  expect(asked).toEqual([]);
  await jest.advanceTimersByTimeAsync(12_200);
  expect(asked).toHaveLength(1);
  await jest.advanceTimersByTimeAsync(99 * 36_000);
  expect(asked.length).toBeGreaterThanOrEqual(99);
  expect(asked.length).toBeLessThanOrEqual(151);
  expect([...new Set(asked)].toSorted()).toEqual(['a', 'b', 'c']);
  await syncer.stop();
});
