import { z } from 'zod';

/** Lower-case hexadecimal of bytes. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** Bytes of a hexadecimal text; the caller has checked the alphabet. */
export function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

/** Base64url without padding: how bytes travel inside JSON. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}

/** Bytes of a base64url text. */
export function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64url'));
}

/** Whether two byte strings are equal. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Bytes outside of JSON, so many; a JSON Schema says it by `bytes`. */
export function bytesOf(length: number): z.ZodType<Uint8Array, Uint8Array> {
  return z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === length, `must be ${length} bytes`).meta({ bytes: { min: length, max: length } });
}

/** Bytes outside of JSON, at most so many; a JSON Schema says it by `bytes`. */
export function bytesUpTo(length: number): z.ZodType<Uint8Array, Uint8Array> {
  return z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length <= length, `must be at most ${length} bytes`).meta({ bytes: { min: 0, max: length } });
}

/** Bytes inside JSON: base64url without padding. */
export const Base64 = z.string().regex(/^[A-Za-z0-9_-]*$/, 'must be base64url without padding');

/** A SHA-256 inside JSON: 64 lower-case hexadecimal digits. */
export const Hex32 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits');
