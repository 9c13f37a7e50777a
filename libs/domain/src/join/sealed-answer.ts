import { createCipheriv, createDecipheriv, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { SoukError } from '../errors/souk-error.ts';

/** Bytes of a join secret and of the nonce that whoever joins makes. */
export const joinBytes = { secret: 32, nonce: 32 } as const;

const text = (words: string): Uint8Array => new TextEncoder().encode(`souk/join/1\0${words}`);
const ivBytes = 12;
const tagBytes = 16;

function sealingKey(secret: Uint8Array, nonce: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, nonce, text('seal'), 32));
}

/** What shows that one knows a join secret without telling it: HMAC-SHA-256 over the nonce of this one request. */
export function joinProof(secret: Uint8Array, nonce: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac('sha256', secret).update(text('proof')).update(nonce).digest());
}

/** Whether a proof shows that. Compared in constant time. */
export function isJoinProof(secret: Uint8Array, nonce: Uint8Array, proof: Uint8Array): boolean {
  const right = joinProof(secret, nonce);
  return proof.length === right.length && timingSafeEqual(right, proof);
}

/** Seals an answer so that only who knows the secret reads it, and knows that it comes from who knows the secret: AES-256-GCM under a key of this one request. `iv`: 12 random bytes. */
export function sealAnswer(secret: Uint8Array, nonce: Uint8Array, answer: Uint8Array, iv: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', sealingKey(secret, nonce), iv);
  return new Uint8Array(Buffer.concat([iv, cipher.update(answer), cipher.final(), cipher.getAuthTag()]));
}

/** Opens such an answer. Throws UNTRUSTED_ANSWER for one that somebody else made, or that was made for another request. */
export function openAnswer(secret: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array {
  try {
    if (sealed.length < ivBytes + tagBytes) throw new RangeError('too short to be sealed');
    const decipher = createDecipheriv('aes-256-gcm', sealingKey(secret, nonce), sealed.subarray(0, ivBytes), { authTagLength: tagBytes });
    decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
    return new Uint8Array(Buffer.concat([decipher.update(sealed.subarray(ivBytes, sealed.length - tagBytes)), decipher.final()]));
  } catch (cause) {
    throw new SoukError('UNTRUSTED_ANSWER', 'Whoever answered does not know the join token.', { hint: 'Ask whoever gave you the token whether its address is right.', cause });
  }
}
