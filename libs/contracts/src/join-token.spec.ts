import { expect, test } from '@jest/globals';
import { fc } from '@souk/testing/properties';
import { formatJoinToken, parseJoinToken } from './join-token.ts';

const token = { url: 'https://souk.example.org', id: '0123456789abcdef', secret: new Uint8Array(32).fill(7) };

test('a join token carries where to ask and a secret through one string; whatever else is pasted is refused and never shown again', () => {
  const text = formatJoinToken(token);
  expect(parseJoinToken(text)).toEqual(token);
  expect(() => parseJoinToken(formatJoinToken({ ...token, url: 'file:///etc/passwd' }))).toThrow(expect.objectContaining({ code: 'BAD_INVITE' }));
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.nat(text.length - 1).map((end) => text.slice(0, end)), fc.string().map((tail) => `souk-join1_${tail}`)), (pasted) => {
      expect(() => parseJoinToken(pasted)).toThrow(expect.objectContaining({ code: 'BAD_INVITE', message: 'The join token is damaged.' }));
    }),
  );
});
