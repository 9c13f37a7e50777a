import { expect, test } from '@jest/globals';
import { fc } from '@souk/testing/properties';
import { sha256Of } from '../id/cid.ts';
import { CidSet } from './cid-set.ts';

const keyOf = (number: number): string => Buffer.from(sha256Of(Uint8Array.of(number & 0xff, number >> 8))).toString('latin1');

test('many digests at once make the set that they make one by one', () => {
  const numbers = fc.array(fc.array(fc.nat(500), { maxLength: 60 }), { maxLength: 6 });
  fc.assert(
    fc.property(numbers, (groups) => {
      const [together, alone] = [new CidSet({ keepHashes: true }), new CidSet()];
      for (const group of groups) {
        const news = new Set(group.map(keyOf).filter((key) => alone.add(key)));
        expect(new Set(together.addAll(group.map(keyOf)))).toEqual(news);
        expect(together.keys()).toEqual(alone.keys());
        expect(together.root()).toEqual(alone.root());
      }
      expect(together.keys()).toEqual([...new Set(groups.flat().map(keyOf))].toSorted());
    }),
  );
});
