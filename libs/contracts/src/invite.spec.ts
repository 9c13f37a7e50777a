import { expect, test } from '@jest/globals';
import { keyId, seedFrom, signerOf } from '@souk/domain';
import { fc } from '@souk/testing/properties';
import { formatInvite, parseInvite } from './invite.ts';

const addresses = ['/ip4/127.0.0.1/tcp/4001/p2p/12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf'];

test('an invite carries addresses and the network key through one string', () => {
  const networkKey = new Uint8Array(32).fill(7);
  expect(parseInvite(formatInvite({ addresses, networkKey }))).toEqual({ addresses, networkKey });
  expect(parseInvite(formatInvite({ addresses }))).toEqual({ addresses });
  const authority = keyId(signerOf(seedFrom('authority')).publicKey);
  expect(parseInvite(formatInvite({ addresses, networkKey, authority }))).toEqual({ addresses, networkKey, authority });
});

test('whatever is pasted is either an invite or refused, and never shown again', () => {
  const invite = formatInvite({ addresses, networkKey: new Uint8Array(32).fill(7) });
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.nat(invite.length).map((end) => invite.slice(0, end)), fc.string().map((tail) => `souk1_${tail}`)), (text) => {
      try {
        expect(parseInvite(text).addresses.length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toMatchObject({ code: 'BAD_INVITE' });
        if (text.length > 12) expect((error as Error).message).not.toContain(text);
      }
    }),
  );
});
