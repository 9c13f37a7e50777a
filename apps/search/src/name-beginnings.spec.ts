import { expect, test } from '@jest/globals';
import { fc } from '@souk/testing/properties';
import { NameBeginnings } from './name-beginnings.ts';

const name = fc.string({ unit: fc.constantFrom('a', 'b', '-', '@', '/', 'é', 'ÿ', '本', 'z'), maxLength: 9 });

test('never says of a name that begins with a text that it does not, and orders as texts are ordered', () => {
  fc.assert(
    fc.property(name, name, (one, other) => {
      const names = new NameBeginnings();
      names.set(0, one);
      names.set(3000, other);
      for (const length of [1, 5, 6, 7, one.length]) expect(names.beginsWith(one.slice(0, length))(0)).not.toBe('no');
      const told = names.beginsWith(other)(0);
      if (told !== 'look') expect([told, one.startsWith(other) && one !== other]).toEqual([told, told === 'yes']);
      const order = names.compare(0, 3000);
      if (order !== 0) expect(order < 0).toBe(one < other);
    }),
  );
});

test('most names need no look', () => {
  const names = new NameBeginnings();
  names.set(0, 'library');
  const told = ['lib', 'lic', 'libraries', 'z', 'l', 'library', 'librar'].map((text) => names.beginsWith(text)(0));
  expect(told).toEqual(['yes', 'no', 'look', 'no', 'yes', 'look', 'look']);
});
