import { expect, test } from '@jest/globals';
import { agoText, inText, spanText } from './ago.ts';

test.each([[-5, '0 s'], [999, '0 s'], [59_999, '59 s'], [60_000, '1 min'], [7_199_999, '1 h'], [172_800_000, '2 d']])('%d ms are %s', (ms, text) => {
  expect(spanText(ms)).toBe(text);
});

test('times are told from now', () => {
  const at = new Date(60_000).toISOString();
  expect([agoText(at, 120_000), inText(at, 0), inText(at, 60_000)]).toEqual(['1 min ago', 'in 1 min', 'over']);
});
