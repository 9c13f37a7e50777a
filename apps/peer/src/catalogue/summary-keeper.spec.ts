import { expect, test } from '@jest/globals';
import { silentLog } from '@souk/nest';
import { SummaryKeeper } from './summary-keeper.ts';

/** Lets each of several waits go on when something has happened once more. */
class Happenings {
  count = 0;
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  happen(): void {
    this.count += 1;
    for (const one of this.#waiting) if (one.count <= this.count) one.resolve();
    this.#waiting = this.#waiting.filter((one) => one.count > this.count);
  }

  more(times: number): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ count: this.count + times, resolve }));
  }
}

test('it looks whether readers left something behind: one look at a time, none while other work goes first, and an end waits for the last', async () => {
  const [asked, looks] = [new Happenings(), new Happenings()];
  let isBusy = true;
  let seen: AbortSignal | undefined;
  let look = Promise.withResolvers<void>();
  const changes = {
    level: async () => true,
    catchUp: (signal: AbortSignal) => {
      seen = signal;
      looks.happen();
      return look.promise;
    },
  };
  const keeper = new SummaryKeeper(changes, { log: silentLog, isBusy: () => (asked.happen(), isBusy), everyMs: 1 });
  await asked.more(2);
  expect(looks.count).toBe(0);
  const first = looks.more(1);
  isBusy = false;
  await first;
  await asked.more(3);
  expect(looks.count).toBe(1);
  const second = looks.more(1);
  look.reject(new Error('a look that fails is logged, and is not the last'));
  look = Promise.withResolvers<void>();
  await second;
  let hasEnded = false;
  const ending = keeper.stop().then(() => (hasEnded = true));
  expect([seen?.aborted, hasEnded]).toEqual([true, false]);
  look.resolve();
  await ending;
});

test('a takedown is out of the summaries when it was heard, also when readers take steps meanwhile; other decisions wait for readers', async () => {
  let levels = 0;
  const changes = { catchUp: async () => undefined, level: async () => (levels += 1) === 3 };
  const keeper = new SummaryKeeper(changes, { log: silentLog, isBusy: () => true });
  const decided = (kind: string): Promise<void> => keeper.decided([{ fields: { kind } } as Parameters<typeof keeper.decided>[0][number]]);
  await decided('bind');
  expect(levels).toBe(0);
  await decided('takedown');
  expect(levels).toBe(3);
  await keeper.stop();
});
