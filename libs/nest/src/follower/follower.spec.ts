import { expect, test } from '@jest/globals';
import { SoukError } from '@souk/domain';
import { Readiness } from '../health/readiness.ts';
import { createLog, silentLog, type Log } from '../log/log.ts';
import { Follower } from './follower.ts';

type Step = (cursor: number, signal: AbortSignal) => Promise<{ next: number; caughtUp: boolean }>;

function follow(step: Step, log: Log = silentLog): { follower: Follower; readiness: Readiness } {
  const readiness = new Readiness();
  return { follower: new Follower({ name: 'spec', condition: readiness.condition('caught up'), log, step }), readiness };
}

test('reads on from its cursor until caught up, and again when poked', async () => {
  const cursors: number[] = [];
  const again = Promise.withResolvers<void>();
  const { follower, readiness } = follow((cursor) => {
    cursors.push(cursor);
    if (cursors.length === 4) again.resolve();
    return Promise.resolve({ next: cursor + 10, caughtUp: cursor >= 20 });
  });
  follower.start();
  await readiness.whenReady();
  expect([cursors, follower.cursor]).toEqual([[0, 10, 20], 30]);
  follower.poke();
  await again.promise;
  await follower.onApplicationShutdown();
  expect(cursors).toEqual([0, 10, 20, 30]);
});

test('one read at a time; a poke meanwhile is one more read', async () => {
  const gate = Promise.withResolvers<void>();
  const twice = Promise.withResolvers<void>();
  let [reading, most, reads] = [0, 0, 0];
  const { follower } = follow(async (cursor) => {
    most = Math.max(most, (reading += 1));
    await gate.promise;
    reading -= 1;
    reads += 1;
    if (reads === 2) twice.resolve();
    return { next: cursor, caughtUp: true };
  });
  follower.start();
  for (let n = 0; n < 5; n += 1) follower.poke();
  gate.resolve();
  await twice.promise;
  await follower.onApplicationShutdown();
  expect([most, reads]).toEqual([1, 2]);
});

test('tries again after every failure, unmet meanwhile; what nobody expects is logged once', async () => {
  const lines: string[] = [];
  const log = createLog({ destination: { write: (line) => void lines.push(line) } });
  const failures = [new SoukError('UNAVAILABLE', 'Nobody answers.'), new TypeError('a bug'), new TypeError('a bug')];
  const { follower, readiness } = follow((cursor) => {
    const failure = failures.shift();
    return failure ? Promise.reject(failure) : Promise.resolve({ next: cursor + 1, caughtUp: true });
  }, log);
  follower.start();
  await readiness.whenReady();
  expect(follower.cursor).toBe(1);
  await follower.onApplicationShutdown();
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ level: 'error', follows: 'spec', error: { message: 'a bug' } }]);
});

test('stops while it reads, and while it waits for another try', async () => {
  const began = Promise.withResolvers<void>();
  const { follower } = follow((_cursor, signal) => {
    began.resolve();
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  });
  follower.start();
  await began.promise;
  await follower.onApplicationShutdown();
  const failed = Promise.withResolvers<void>();
  const other = follow(() => {
    failed.resolve();
    return Promise.reject(new SoukError('UNAVAILABLE', 'Nobody answers.'));
  });
  other.follower.start();
  await failed.promise;
  await other.follower.onApplicationShutdown();
  expect(other.readiness.unmet()).toHaveLength(1);
});
