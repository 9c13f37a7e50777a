import { expect, test } from '@jest/globals';
import { outcomeOf } from '../blob/tallies.ts';
import { remoteError } from './remote-error.ts';

test('what a peer says of a blob or of a quota is taken as that; what it says of itself, or what we do not know, as not being there', () => {
  const codes = ['BLOB_NOT_FOUND', 'RATE_LIMITED', 'CANCELLED', 'TIMEOUT', 'INTERNAL', 'STORAGE_FULL', 'constructor'];
  expect(codes.map((code) => remoteError({ code, message: 'x' }).code)).toEqual(['BLOB_NOT_FOUND', 'RATE_LIMITED', 'UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE']);
});

test('a provider that says it was cancelled is blamed as any other that does not deliver', () => {
  expect(outcomeOf(remoteError({ code: 'CANCELLED', message: 'x' }))).toBe('unreachable');
});
