import { expect, test } from '@jest/globals';
import { SoukError } from '@souk/domain';
import { outcomeOf, Tallies } from './tallies.ts';

test('a failure counts by what it says of the provider', () => {
  const codes = ['TIMEOUT', 'BLOB_NOT_FOUND', 'CID_MISMATCH', 'BAD_FRAME', 'PEER_UNREACHABLE', 'RATE_LIMITED', 'CANCELLED'] as const;
  expect(codes.map((code) => outcomeOf(new SoukError(code, '')))).toEqual(['timeout', 'missing', 'corrupt', 'corrupt', 'unreachable', 'unreachable', undefined]);
});

test('who delivered is well spoken of, and who was never used is not spoken of', () => {
  const tallies = new Tallies();
  tallies.of('a').bytes = 10;
  tallies.of('b');
  expect(tallies.settle(true)).toMatchObject([{ peer: 'a', bytes: 10, outcome: 'ok' }]);
});

test('two who were refused for the same bytes are excused when the blob could not be had, not when others delivered it', () => {
  const tallies = new Tallies();
  for (const peer of ['a', 'b', 'c']) tallies.of(peer).outcome = 'corrupt';
  tallies.wrong(0, 'aa', 'a');
  tallies.wrong(1, 'bb', 'b');
  expect([tallies.agreedOnWrong, tallies.unconfirmed]).toEqual([false, [{ index: 0, others: ['b'] }, { index: 1, others: ['a'] }]]);
  tallies.wrong(0, 'aa', 'b');
  expect(tallies.agreedOnWrong).toBe(true);
  expect(tallies.settle(false).map((tally) => tally.peer)).toEqual(['c']);
  expect(tallies.settle(true).map((tally) => tally.peer)).toEqual(['a', 'b', 'c']);
});
