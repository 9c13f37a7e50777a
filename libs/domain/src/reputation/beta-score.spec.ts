import { expect, test } from '@jest/globals';
import { fc } from '@souk/testing/properties';
import { decay, halfLifeMs, noEvidence, observe, score, type Evidence } from './beta-score.ts';

const at = Date.UTC(2026, 0, 1);
const after = (outcomes: readonly ('ok' | 'corrupt' | 'timeout' | 'missing')[]): Evidence => outcomes.reduce((all, outcome) => observe(all, { outcome, bytes: 1, at }), noEvidence);

test('a stranger scores one half; good fetches raise it, failures lower it', () => {
  expect(score(noEvidence)).toBe(0.5);
  expect(score(after(['ok', 'ok', 'ok']))).toBe(0.8);
  expect(score(after(['timeout', 'timeout', 'timeout']))).toBe(0.2);
});

test('one corrupt chunk outweighs ten good fetches; a missing blob hardly counts', () => {
  expect(score(after([...Array<'ok'>(10).fill('ok'), 'corrupt']))).toBeLessThan(0.5);
  expect(score(after(['ok', 'missing']))).toBeGreaterThan(0.6);
});

test('evidence halves in a day, and a score returns to one half', () => {
  const good = after(Array<'ok'>(8).fill('ok'));
  expect(decay(good, at + halfLifeMs).ok).toBeCloseTo(4);
  expect(score(decay(good, at + 60 * halfLifeMs))).toBeCloseTo(0.5);
});

test('the order in which observations arrive does not matter', () => {
  const observation = fc.record({ outcome: fc.constantFrom('ok' as const, 'timeout' as const, 'corrupt' as const), bytes: fc.nat(1000), at: fc.nat(10 * halfLifeMs).map((ms) => at + ms) });
  fc.assert(
    fc.property(fc.array(observation, { minLength: 1, maxLength: 20 }), (all) => {
      const end = at + 20 * halfLifeMs;
      const forward = decay(all.reduce(observe, noEvidence), end);
      const backward = decay([...all].reverse().reduce(observe, noEvidence), end);
      expect(score(backward)).toBeCloseTo(score(forward), 9);
    }),
  );
});
