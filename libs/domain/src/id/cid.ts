import { CID } from 'multiformats/cid';
import * as dagCbor from '@ipld/dag-cbor';
import * as Digest from 'multiformats/hashes/digest';
import { sha256 } from 'multiformats/hashes/sha2';
import { createHash, hash } from 'node:crypto';
import { z } from 'zod';
import { SoukError } from '../errors/souk-error.ts';

/** SHA-256 of bytes: 32 bytes. */
export function sha256Of(...parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return new Uint8Array(hash('sha256', only, 'buffer'));
  const all = createHash('sha256');
  for (const part of parts) all.update(part);
  return new Uint8Array(all.digest());
}

const base32 = 'abcdefghijklmnopqrstuvwxyz234567';
/** What the text of a blob's cid begins with, and the bits of its bytes before the digest that are not in it: two, both zero. */
const [blobCidStart, bitsLeft] = ['bafkrei', 2];

/**
 * The content id of blob bytes whose SHA-256 is given: CIDv1, raw, sha2-256, base32 (starts with `bafkrei`). Written here and not by way of a CID object,
 * which takes twenty times as long, because every blob is named several times on its way.
 */
export function blobCid(sha256Digest: Uint8Array): Cid {
  let text = blobCidStart;
  let [bits, value] = [bitsLeft, 0];
  for (const byte of sha256Digest) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += base32[(value >> bits) & 0x1f];
    }
  }
  return (text + base32[(value << (5 - bits)) & 0x1f]) as Cid;
}

/** The content id of a record body: CIDv1, dag-cbor, sha2-256. */
export function bodyCidOf(body: Uint8Array): CID {
  return CID.createV1(dagCbor.code, Digest.create(sha256.code, sha256Of(body)));
}

/**
 * Base32 without padding of the 36 bytes 0x01 0x55 0x12 0x20 and a digest: `b` for base32, the four bytes' 32 bits as `afkrei` and the first
 * two bits of the next character, which leaves eight for it, and two bits of zeros at the end, which leaves eight for the last one.
 */
const blobCidPattern = /^bafkrei[a-h][a-z2-7]{50}[aeimquy4]$/;

/** A blob's address: CIDv1 (raw, sha2-256) in base32, canonical form only. */
export const Cid = z.string().refine((text) => blobCidPattern.test(text), 'must be a CIDv1 (raw, sha2-256) in base32').meta({ format: 'cid' }).brand<'Cid'>();
export type Cid = z.infer<typeof Cid>;

/** Parses a blob cid; throws BAD_CID. */
export function parseCid(text: string): Cid {
  const parsed = Cid.safeParse(text);
  if (!parsed.success) throw new SoukError('BAD_CID', `"${text.slice(0, 80)}" is not a blob cid.`, { hint: 'A cid is a CIDv1 (raw, sha2-256) in base32 and starts with bafkrei.' });
  return parsed.data;
}

const base32Values = new Map([...base32].map((character, value) => [character, value]));

/** The SHA-256 digest (32 bytes) that a blob cid carries. */
export function digestOf(cid: Cid): Uint8Array {
  const digest = new Uint8Array(32);
  let [at, bits, value] = [0, -bitsLeft, 0];
  for (const character of cid.slice(blobCidStart.length)) {
    value = ((value << 5) | (base32Values.get(character) as number)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    digest[at++] = (value >> bits) & 0xff;
  }
  return digest;
}
