import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { expect, test } from '@jest/globals';
import { silentLog } from '@souk/nest';
import { TaskThread } from './task-thread.ts';

/** A thread that says where it is or how much memory it may take, never answers, or dies. */
const entry = new URL(`data:text/javascript,${encodeURIComponent(`
  import { getHeapStatistics } from 'node:v8';
  import { parentPort, threadId } from 'node:worker_threads';
  parentPort.on('message', ({ id, name }) => {
    if (name === 'die') process.exit(1);
    if (name === 'limit') parentPort.postMessage({ id, value: getHeapStatistics().heap_size_limit });
    else if (name !== 'hang') parentPort.postMessage({ id, value: threadId });
  });
`)}`);

const opened = (idleMs = 60_000): TaskThread => new TaskThread({ entry, data: undefined, log: silentLog, idleMs });

test('whoever waits for a thread that dies is told, and the next task gets another thread', async () => {
  const thread = opened();
  const first = await thread.run('where', undefined);
  const waiting = thread.run('hang', undefined);
  await expect(Promise.all([thread.run('die', undefined), waiting])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await expect(waiting).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await thread.run('where', undefined)).not.toBe(first);
  await thread.close();
});

test('whoever gives up no longer waits, and the thread goes on with what others gave it', async () => {
  const thread = opened();
  const giver = new AbortController();
  const waiting = thread.run('hang', undefined, { signal: giver.signal });
  const other = thread.run('where', undefined);
  giver.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
  await expect(thread.run('where', undefined, { signal: giver.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(await other).toBe(await thread.run('where', undefined));
  await thread.close();
});

test('a thread ends when it was idle for its time, and when it is closed', async () => {
  const thread = opened(1);
  await thread.run('where', undefined);
  while (thread.isRunning) await nextTurn();
  await thread.run('where', undefined);
  await thread.close();
  expect(thread.isRunning).toBe(false);
  await expect(thread.run('where', undefined)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('a thread has the memory that it was given, also in a process whose own young objects are held short', async () => {
  const limitOf = async (thread: TaskThread): Promise<unknown> => {
    const limit = await thread.run('limit', undefined);
    await thread.close();
    return limit;
  };
  const usual = await limitOf(opened());
  setFlagsFromString('--max-semi-space-size=1');
  expect(await limitOf(opened())).toBe(usual);
});
