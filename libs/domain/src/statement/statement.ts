import * as dagCbor from '@ipld/dag-cbor';
import { z } from 'zod';
import { SoukError } from '../errors/souk-error.ts';
import { bytesOf, bytesUpTo, sameBytes } from '../id/bytes.ts';
import type { Signer } from '../record/ed25519.ts';
import { prefixed, requireSignature } from '../record/signature.ts';

/** Most bytes of a statement. */
export const maxStatementBytes = 4096;

/** The version of statements that this code writes and understands. */
export const statementVersion = 1;

const domainPrefix = new TextEncoder().encode('souk/statement/1\0');

/** A statement as it travels: dag-cbor bytes as received, and the issuer's signature over them. */
export const SignedStatement = z.object({ bytes: bytesUpTo(maxStatementBytes), signature: bytesOf(64) });
export type SignedStatement = z.infer<typeof SignedStatement>;

/** What every statement says beside what its kind does. */
const Envelope = z.looseObject({ v: z.int().min(1).max(65_535), kind: z.string().max(32), key: bytesOf(32) });

function bad(why: string, cause?: unknown): SoukError {
  return new SoukError('BAD_STATEMENT', `The statement ${why}.`, { cause });
}

/** Signs what an issuer says now; a later statement of the same kind and issuer takes its place. Throws BAD_STATEMENT for one that is too large. */
export function signStatement(kind: string, fields: Readonly<Record<string, unknown>>, signer: Signer): SignedStatement {
  const bytes = dagCbor.encode({ ...fields, v: statementVersion, kind, key: signer.publicKey });
  if (bytes.length > maxStatementBytes) throw bad(`has ${bytes.length} bytes; the limit is ${maxStatementBytes}`);
  return { bytes, signature: signer.sign(prefixed(domainPrefix, bytes)) };
}

/**
 * What a signed statement says, after its encoding, its fields and its signature over `"souk/statement/1\0"` and its bytes as received
 * were checked. Fields that the schema does not know are skipped. Throws BAD_STATEMENT, BAD_SIGNATURE, UPGRADE_NEEDED.
 */
export function verifyStatement<T>(kind: string, schema: z.ZodType<T>, signed: SignedStatement): { readonly key: Uint8Array; readonly fields: T } {
  const envelope = parseEnvelope(signed.bytes);
  if (envelope.kind !== kind) throw bad(`is of kind "${envelope.kind}", not "${kind}"`);
  requireSignature({ what: 'statement', key: envelope.key, message: prefixed(domainPrefix, signed.bytes), signature: signed.signature });
  const parsed = schema.safeParse(envelope);
  if (!parsed.success) throw bad(`has a wrong field: ${parsed.error.issues[0]?.path.join('.') ?? ''} ${parsed.error.issues[0]?.message ?? ''}`.trimEnd());
  return { key: envelope.key, fields: parsed.data };
}

function parseEnvelope(bytes: Uint8Array): z.infer<typeof Envelope> {
  if (bytes.length > maxStatementBytes) throw bad(`has more than ${maxStatementBytes} bytes`);
  let value: unknown;
  try {
    value = dagCbor.decode(bytes);
  } catch (cause) {
    throw bad('is not dag-cbor', cause);
  }
  if (!sameBytes(dagCbor.encode(value), bytes)) throw bad('is in a non-canonical encoding');
  const parsed = Envelope.safeParse(value);
  if (!parsed.success) throw bad('does not say its version, kind and key');
  if (parsed.data.v > statementVersion) throw new SoukError('UPGRADE_NEEDED', `The statement has version ${parsed.data.v}; this Souk understands ${statementVersion}.`, { hint: 'Upgrade Souk.' });
  return parsed.data;
}
