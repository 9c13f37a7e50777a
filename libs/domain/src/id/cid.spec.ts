import { expect, test } from '@jest/globals';
import { fc } from '@souk/testing/properties';
import { CID } from 'multiformats/cid';
import { blobCid, Cid, digestOf, parseCid, sha256Of } from './cid.ts';

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** What the multiformats library thinks: the canonical text of a CIDv1 of raw bytes by SHA-256. */
function isCanonical(text: string): boolean {
  try {
    // Decoded from its bytes, because a parsed one remembers its text.
    const cid = CID.decode(CID.parse(text).bytes);
    return cid.version === 1 && cid.code === 0x55 && cid.multihash.code === 0x12 && cid.multihash.size === 32 && cid.toString() === text;
  } catch {
    return false;
  }
}

test('the cid of any digest is one, and gives the digest back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (digest) => {
      const cid = blobCid(digest);
      expect(Cid.safeParse(cid).success).toBe(true);
      expect(digestOf(parseCid(cid))).toEqual(digest);
      expect(CID.parse(cid).multihash.digest).toEqual(digest);
    }),
  );
});

test('a text is a cid exactly when the multiformats library gives it back unchanged', () => {
  const cid = blobCid(sha256Of(Uint8Array.of(1)));
  for (let at = 0; at < cid.length; at += 1) {
    for (const character of [...alphabet, 'A', '0', '1', '=', ' ']) {
      const text = cid.slice(0, at) + character + cid.slice(at + 1);
      expect([text, Cid.safeParse(text).success]).toEqual([text, isCanonical(text)]);
    }
  }
  for (const text of ['', 'b', cid.slice(1), cid.slice(0, -1), `${cid}a`, `${cid}\n`, `\n${cid}`, cid.toUpperCase(), 'QmbWqxBEKC3P8tqsKc98xmWNzrzDtRLMiMPL8wBuTGsMnR']) expect(Cid.safeParse(text).success).toBe(false);
});

test('what is no cid is BAD_CID', () => {
  expect(() => parseCid('bafkrei')).toThrow(expect.objectContaining({ code: 'BAD_CID' }));
});
