import { expect, test } from '@jest/globals';
import { fc } from '@souk/testing/properties';
import { isJoinProof, joinProof, openAnswer, sealAnswer } from './sealed-answer.ts';

const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const untrusted = expect.objectContaining({ code: 'UNTRUSTED_ANSWER' });

test('who knows the secret opens what was sealed for this request; with another secret, nonce or a changed byte nobody does', () => {
  fc.assert(
    fc.property(bytes(32), bytes(32), bytes(32), bytes(12), fc.uint8Array({ maxLength: 500 }), fc.nat(10_000), (secret, nonce, other, iv, answer, at) => {
      const sealed = sealAnswer(secret, nonce, answer, iv);
      expect(openAnswer(secret, nonce, sealed)).toEqual(answer);
      expect(isJoinProof(secret, nonce, joinProof(secret, nonce))).toBe(true);
      const changed = sealed.slice();
      changed[at % sealed.length] = (changed[at % sealed.length] as number) ^ 1;
      expect(() => openAnswer(secret, nonce, changed)).toThrow(untrusted);
      if (Buffer.compare(secret, other) === 0 || Buffer.compare(nonce, other) === 0) return;
      expect(() => openAnswer(other, nonce, sealed)).toThrow(untrusted);
      expect(() => openAnswer(secret, other, sealed)).toThrow(untrusted);
      expect(isJoinProof(secret, other, joinProof(secret, nonce))).toBe(false);
      expect(isJoinProof(other, nonce, joinProof(secret, nonce))).toBe(false);
    }),
  );
});

test('what is too short to be sealed is refused', () => {
  for (const length of [0, 1, 12, 27]) expect(() => openAnswer(new Uint8Array(32), new Uint8Array(32), new Uint8Array(length))).toThrow(untrusted);
  expect(isJoinProof(new Uint8Array(32), new Uint8Array(32), new Uint8Array(0))).toBe(false);
});
