import { SoukError } from '../errors/souk-error.ts';
import { checkSignature, pointProblem, signatureProblem } from './ed25519.ts';

/** A signature to check. */
export interface SignatureClaim {
  /** What is signed, as a noun: "record". */
  readonly what: string;
  /** The public key, 32 bytes. */
  readonly key: Uint8Array;
  /** What was signed: a prefix of its own for each kind of thing, and its bytes as received. */
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  /** The thing by its name, for the message. */
  name?(): string;
}

/**
 * The only signature check of the code base: Ed25519 (RFC 8032). Keys and signatures on which libraries disagree are refused.
 * Throws BAD_SIGNATURE.
 */
export function requireSignature(claim: SignatureClaim): void {
  const { what, key, message, signature } = claim;
  const keyProblem = pointProblem(key);
  if (keyProblem) throw new SoukError('BAD_SIGNATURE', `The ${what}'s key ${keyProblem}.`);
  const problem = signatureProblem(signature);
  if (problem) throw new SoukError('BAD_SIGNATURE', `The ${what}'s signature ${problem}.`);
  if (!checkSignature(key, message, signature)) throw new SoukError('BAD_SIGNATURE', `The ${claim.name?.() ?? what} is not signed by its key.`);
}

/** What a signature signs: the prefix of its kind of thing, and the bytes. */
export function prefixed(prefix: Uint8Array, bytes: Uint8Array): Uint8Array {
  const message = new Uint8Array(prefix.length + bytes.length);
  message.set(prefix);
  message.set(bytes, prefix.length);
  return message;
}
