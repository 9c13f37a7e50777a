import { expect, test } from '@jest/globals';
import * as dagCbor from '@ipld/dag-cbor';
import { fc } from '@souk/testing/properties';
import { bodyCidOf } from '../id/cid.ts';
import { isPlainCanonical } from './plain-cbor.ts';

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const key = fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom('__proto__', '__proxy__', 'constructor', '10', '9', 'é', 'a'.repeat(24), 'b'.repeat(256)));
const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.nat(300), fc.boolean(), fc.constant(null), fc.double({ noNaN: true, noDefaultInfinity: true })),
    fc.oneof(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.constantFrom('\ufeff', '\ufffd', 'x'.repeat(70_000))),
    fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 8 }).map(bodyCidOf)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.uniqueArray(fc.tuple(key, tie('value')), { maxLength: 4, selector: ([name]) => name }).map((entries) => Object.fromEntries(entries)),
  ),
})).value;

function encodesAlike(bytes: Uint8Array): boolean {
  try {
    return Buffer.compare(dagCbor.encode(dagCbor.decode(bytes)), bytes) === 0;
  } catch {
    return false;
  }
}

function isDecodable(bytes: Uint8Array): boolean {
  try {
    dagCbor.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

test('what is plain encodes alike, whatever the value, and hardly anything else is in doubt', () => {
  let [plain, doubtful] = [0, 0];
  fc.assert(
    fc.property(value, (one) => {
      const bytes = dagCbor.encode(one);
      const isPlain = isPlainCanonical(bytes);
      if (isPlain) expect(encodesAlike(bytes)).toBe(true);
      if (isPlain) plain += 1;
      else doubtful += 1;
    }),
    { numRuns: 2000 },
  );
  expect(plain).toBeGreaterThan(doubtful);
});

test('bytes that were changed are plain only if they still encode alike', () => {
  let plain = 0;
  fc.assert(
    fc.property(value, fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom('set', 'insert', 'cut')), { minLength: 1, maxLength: 3 }), (one, changes) => {
      let bytes = Array.from(dagCbor.encode(one).subarray(0, 2000));
      for (const [where, byte, how] of changes) {
        const at = where % (bytes.length + 1);
        if (how === 'cut') bytes = bytes.slice(0, at);
        else bytes.splice(at, how === 'set' ? 1 : 0, byte);
      }
      const changed = Uint8Array.from(bytes);
      if (!isPlainCanonical(changed) || !isDecodable(changed)) return;
      plain += 1;
      expect(encodesAlike(changed)).toBe(true);
    }),
    { numRuns: 5000 },
  );
  expect(plain).toBeGreaterThan(0);
});

test.each([
  ['an integer in more bytes than it needs', '1817'],
  ['a length in more bytes than it needs', '590001ff'],
  ['a length beyond the end', '42ff'],
  ['a head that is cut off', '19ff'],
  ['an indefinite length', '9fff'],
  ['a float that is an integer', 'fb3ff0000000000000'],
  ['a half float', 'f93c00'],
  ['keys in another order', 'a2616201616102'],
  ['a longer key before a shorter one', 'a262616101616202'],
  ['a key twice', 'a2616101616102'],
  ['a key that is no text', 'a10102'],
  ['the key of prototypes', 'a1695f5f70726f746f5f5f01'],
  ['a text that is no UTF-8', '61ff'],
  ['a byte order mark', '63efbbbf'],
  ['another tag', 'c101'],
  ['undefined', 'f7'],
  ['an integer beyond 2 ** 53', '1bffffffffffffffff'],
  ['something behind the value', '0000'],
  ['nothing', ''],
])('%s is not plain', (_what, bytes) => {
  expect(isPlainCanonical(hex(bytes))).toBe(false);
});

test.each([
  ['small and large integers', '8600171818190100' + '1a00010000' + '1b0000000100000000'],
  ['keys in their order', 'a36161016162026261610a'],
  ['texts beyond ASCII', '62c3a9'],
  ['true, false and null', '83f5f4f6'],
])('%s are plain', (_what, bytes) => {
  expect(isPlainCanonical(hex(bytes))).toBe(true);
  expect(encodesAlike(hex(bytes))).toBe(true);
});
