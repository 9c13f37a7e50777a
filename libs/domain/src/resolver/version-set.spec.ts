import { expect, test } from '@jest/globals';
import { fc } from '@souk/testing/properties';
import { addChoices, areDisjoint, both, choicesOf, either, firstOf, has, isNone, isSingle, isWithin, noVersions, only, without, type VersionSet } from './version-set.ts';

const size = 70;
const choices = fc.uniqueArray(fc.integer({ min: 0, max: size - 1 }), { maxLength: 12 });

function setOf(members: readonly number[]): VersionSet {
  const set = noVersions(size);
  for (const one of members) addChoices(set, one, one + 1);
  return set;
}

test('behaves as a set of numbers does', () => {
  fc.assert(
    fc.property(choices, choices, (left, right) => {
      const [a, b] = [setOf(left), setOf(right)];
      const [inA, inB] = [new Set(left), new Set(right)];
      const members = (holds: (choice: number) => boolean) => Array.from({ length: size }, (_, choice) => choice).filter(holds);
      expect(choicesOf(both(a, b), size)).toEqual(members((one) => inA.has(one) && inB.has(one)));
      expect(choicesOf(either(a, b), size)).toEqual(members((one) => inA.has(one) || inB.has(one)));
      expect(choicesOf(without(a, b), size)).toEqual(members((one) => inA.has(one) && !inB.has(one)));
      expect(isWithin(a, b)).toBe(left.every((one) => inB.has(one)));
      expect(areDisjoint(a, b)).toBe(!left.some((one) => inB.has(one)));
      expect(isNone(a)).toBe(inA.size === 0);
      expect(isSingle(a)).toBe(inA.size === 1);
      expect(firstOf(a)).toBe(left.length > 0 ? Math.min(...left) : -1);
    }),
  );
});

test('reaches across words', () => {
  const set = noVersions(size);
  addChoices(set, 30, 66);
  expect(choicesOf(set, size)).toEqual(Array.from({ length: 36 }, (_, at) => at + 30));
  expect(has(only(size, 31), 31)).toBe(true);
  expect(firstOf(only(size, 63))).toBe(63);
});
