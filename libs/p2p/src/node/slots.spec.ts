import { expect, test } from '@jest/globals';
import { Slots } from './slots.ts';
import { orAbort, within } from './waiting.ts';

test('no more work runs at once than there are places, and all of it in order', async () => {
  const slots = new Slots(2);
  let running = 0;
  let most = 0;
  const order: number[] = [];
  const work = (index: number): Promise<void> =>
    slots.run(async () => {
      running += 1;
      most = Math.max(most, running);
      order.push(index);
      await Promise.resolve();
      running -= 1;
    });
  await Promise.all(Array.from({ length: 7 }, (_, index) => work(index)));
  expect([most, order]).toEqual([2, [0, 1, 2, 3, 4, 5, 6]]);
});

test('who gives up in line takes no place, and failed work gives its place back', async () => {
  const slots = new Slots(1);
  const leave = await slots.enter();
  const gone = new AbortController();
  const waiting = slots.enter(gone.signal);
  gone.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
  leave();
  await expect(slots.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await slots.run(async () => 'free')).toBe('free');
  await expect(slots.enter(AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' });
});

test('waiting ends with the work, the signal or the deadline, whichever is first', async () => {
  const never = new Promise<never>(() => undefined);
  expect(await orAbort(Promise.resolve(1), new AbortController().signal, 'It')).toBe(1);
  await expect(orAbort(never, AbortSignal.abort(), 'It')).rejects.toMatchObject({ code: 'CANCELLED', message: 'It was cancelled.' });
  await expect(within(never, { timeoutMs: 1 }, 'It')).rejects.toMatchObject({ code: 'TIMEOUT', message: 'It took too long.' });
  await expect(orAbort(Promise.reject(new Error('late')), AbortSignal.abort(), 'It')).rejects.toMatchObject({ code: 'CANCELLED' });
});
