import { createHash, createPrivateKey, createPublicKey, sign as nodeSign, verify as nodeVerify, type KeyObject } from 'node:crypto';
import { toHex } from '../id/bytes.ts';

const p = 2n ** 255n - 19n;
const order = 2n ** 252n + 27742317777372353535851937790883648493n;

/** The y coordinates of the eight points of small order (Chalkias et al., "Taming the many EdDSAs", table 1), sign bit cleared. */
const y8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022n;
const smallOrderY = new Set([0n, 1n, p - 1n, y8, p - y8]);

/** The 15 highest bits of every y that is refused: a point with other ones needs no closer look. */
const suspects = new Set([...smallOrderY, p].map((y) => Number(y >> 240n)));
/** The highest byte of the order: an S with a lower one is in range. */
const highestOfOrder = Number(order >> 248n);

const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(Uint8Array.from(bytes).reverse())}`);
}

/** Why 32 bytes are no acceptable point encoding; undefined when they are. Libraries disagree on these, so they are refused before any of them is asked. */
export function pointProblem(bytes: Uint8Array): string | undefined {
  if (bytes.length !== 32) return 'is not 32 bytes';
  if (!suspects.has((((bytes[31] as number) & 0x7f) << 8) | (bytes[30] as number))) return undefined;
  const y = littleEndian(bytes) & ((1n << 255n) - 1n);
  if (y >= p) return 'is not in canonical form';
  return smallOrderY.has(y) ? 'is a point of small order' : undefined;
}

/** Why a signature can't be accepted whatever it signs; undefined when it may be checked. */
export function signatureProblem(signature: Uint8Array): string | undefined {
  if (signature.length !== 64) return 'is not 64 bytes';
  if ((signature[63] as number) >= highestOfOrder && littleEndian(signature.subarray(32)) >= order) return 'has an S out of range';
  const r = pointProblem(signature.subarray(0, 32));
  return r === undefined ? undefined : `has an R that ${r}`;
}

const maxCachedKeys = 4096;
const publicKeys = new Map<string, KeyObject>();

function publicKeyObject(key: Uint8Array): KeyObject {
  const name = toHex(key);
  const cached = publicKeys.get(name);
  if (cached) return cached;
  const object = createPublicKey({ key: Buffer.concat([spkiPrefix, key]), format: 'der', type: 'spki' });
  const oldest = publicKeys.keys().next().value;
  if (publicKeys.size >= maxCachedKeys && oldest !== undefined) publicKeys.delete(oldest);
  publicKeys.set(name, object);
  return object;
}

/** Whether `signature` (64 bytes) signs `message` under the public key (32 bytes), after `pointProblem` and `signatureProblem` let both pass. RFC 8032. */
export function checkSignature(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return nodeVerify(null, message, publicKeyObject(key), signature);
  } catch {
    return false;
  }
}

/** An Ed25519 key pair made from a 32-byte seed. */
export interface Signer {
  readonly publicKey: Uint8Array;
  /** Signs a message; 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

/** The signer of a seed (32 secret bytes). */
export function signerOf(seed: Uint8Array): Signer {
  const secret = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(secret).export({ format: 'der', type: 'spki' });
  return {
    publicKey: new Uint8Array(spki.subarray(spki.length - 32)),
    sign: (message) => new Uint8Array(nodeSign(null, message, secret)),
  };
}

/** A seed that follows from a text, for seeded data in tests and benchmarks; never for a real key. */
export function seedFrom(text: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(`souk/test-seed/1\0${text}`).digest());
}
