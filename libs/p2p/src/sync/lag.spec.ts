import { expect, test } from '@jest/globals';
import { SoukError } from '@souk/domain';
import { Lag } from './lag.ts';

test('a peer that has something new is told since when, by how much as soon as that is known, and no longer when all of it is here', () => {
  let now = 10;
  const lag = new Lag(() => now);
  expect(lag.lines(['a'])).toEqual([{ peer: 'a', inSync: false }]);
  lag.differs('a');
  now = 20;
  lag.failed('a', new SoukError('TIMEOUT', 'Nothing came.'), 7);
  expect(lag.lines(['a'])).toEqual([{ peer: 'a', inSync: false, since: 10, behind: 7, error: { code: 'TIMEOUT', message: 'Nothing came.', at: 20 } }]);
  now = 30;
  lag.exchanged('a', 3, 4);
  expect(lag.lines(['a'])).toEqual([{ peer: 'a', inSync: false, since: 10, behind: 4, exchangedAt: 30, records: 3 }]);
  now = 40;
  lag.exchanged('a', 4);
  expect(lag.lines(['a'])).toEqual([{ peer: 'a', inSync: true, exchangedAt: 40, records: 4 }]);
  lag.failed('a', new Error('a bug'), 0);
  expect(lag.lines(['a'])).toMatchObject([{ inSync: false, since: 40, error: { code: 'INTERNAL' } }]);
  lag.level('a');
  expect(lag.isLevel('a')).toBe(true);
  lag.forget('a');
  expect(lag.lines(['a'])).toEqual([{ peer: 'a', inSync: false }]);
});
