import { fromBase64, sameBytes, toBase64, toHex } from '../id/bytes.ts';
import { sha256Of } from '../id/cid.ts';

const text = new TextEncoder();
const checksumDomain = text.encode('souk/token/1\0');
const secretBytes = 32;
const checksumBytes = 4;
/** 36 bytes in base64url behind a prefix that scanners for leaked secrets can look for. */
const shape = /^souk_[A-Za-z0-9_-]{48}$/;

const checksumOf = (secret: Uint8Array): Uint8Array => sha256Of(checksumDomain, secret).subarray(0, checksumBytes);

/** The token of 32 random bytes: `souk_` and 48 characters, the last of which are a checksum, so that a mistyped one needs no look-up. */
export function formatToken(secret: Uint8Array): string {
  return `souk_${toBase64(new Uint8Array([...secret, ...checksumOf(secret)]))}`;
}

/** Whether a text can be a token: its shape and checksum are right. */
export function isToken(given: string): boolean {
  if (!shape.test(given)) return false;
  const bytes = fromBase64(given.slice(5));
  return sameBytes(bytes.subarray(secretBytes), checksumOf(bytes.subarray(0, secretBytes)));
}

/** What the site log keeps of a token: SHA-256 in hexadecimal. 256 random bits need no slow hash. */
export function tokenHash(token: string): string {
  return toHex(sha256Of(text.encode(token)));
}

/** The name of the token with this hash. */
export function tokenIdOf(hash: string): string {
  return hash.slice(0, 16);
}
