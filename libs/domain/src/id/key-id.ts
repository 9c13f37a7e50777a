import { base58btc } from 'multiformats/bases/base58';
import { z } from 'zod';
import { SoukError } from '../errors/souk-error.ts';
import { toHex } from './bytes.ts';

/** Multicodec prefix of an Ed25519 public key (varint 0xed). */
const prefix = Uint8Array.of(0xed, 0x01);

/** Names of keys that were asked for: base58 takes longer than all else in reading a record's header. */
const names = new Map<string, KeyId>();
const maxNames = 4096;

/** The text form of a public key: a W3C Multikey, base58btc of 0xed01 and the 32 key bytes (starts with `z6Mk`). */
export function keyId(publicKey: Uint8Array): KeyId {
  const hex = toHex(publicKey);
  const known = names.get(hex);
  if (known !== undefined) return known;
  const bytes = new Uint8Array(34);
  bytes.set(prefix);
  bytes.set(publicKey, 2);
  const name = base58btc.encode(bytes) as KeyId;
  if (names.size >= maxNames) names.clear();
  names.set(hex, name);
  return name;
}

function decode(text: string): Uint8Array | undefined {
  if (!/^z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/.test(text)) return undefined;
  try {
    const bytes = base58btc.decode(text);
    return bytes.length === 34 && bytes[0] === prefix[0] && bytes[1] === prefix[1] ? bytes.subarray(2) : undefined;
  } catch {
    return undefined;
  }
}

/** A key's name, which is also the name of its log. */
export const KeyId = z.string().refine((text) => decode(text) !== undefined, 'must be an Ed25519 Multikey (z6Mk...)').meta({ format: 'key' }).brand<'KeyId'>();
export type KeyId = z.infer<typeof KeyId>;

/** A publisher is named by its first root key: the key of its `inception` record. */
export type PublisherId = KeyId;

/** The 32 bytes of a key id; throws BAD_REQUEST. */
export function publicKeyOf(id: string): Uint8Array {
  const bytes = decode(id);
  if (!bytes) throw new SoukError('BAD_REQUEST', `"${id.slice(0, 80)}" is not a key.`, { hint: 'A key is an Ed25519 Multikey and starts with z6Mk.' });
  return bytes;
}
