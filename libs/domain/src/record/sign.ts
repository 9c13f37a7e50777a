import * as dagCbor from '@ipld/dag-cbor';
import type { z } from 'zod';
import { SoukError } from '../errors/souk-error.ts';
import { bodyCidOf } from '../id/cid.ts';
import { encodeBody, type bodies, type RecordKind } from './body.ts';
import type { Signer } from './ed25519.ts';
import { maxBodyBytes, recordVersion, type Head, type Header, type VerifiedRecord } from './signed-record.ts';
import { parseRecord, recordOfFields, signedBytes } from './verify.ts';

/** What a writer knows when it signs its next record. */
export interface SignContext {
  readonly signer: Signer;
  /** The head of the writer's own log, undefined for its first record. */
  readonly head: Pick<Head, 'seq' | 'hash'> | undefined;
  /** The highest clock that the writer has seen of its publisher; 0 when none. */
  readonly clock: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * Signs an encoded body of any kind as the next record of a log. The result is what `verify` makes of it; only what was made here a
 * moment ago, the signature and the encoding, is not checked again: that would be half of the work. Throws TOO_LARGE, BAD_RECORD.
 */
export function signBytes(kind: string, body: Uint8Array, context: SignContext, ext: Record<string, unknown> = {}): VerifiedRecord {
  if (body.length > maxBodyBytes) {
    throw new SoukError('TOO_LARGE', `The ${kind} record's body has ${body.length} bytes; the limit is ${maxBodyBytes}.`, { hint: 'Shorten the description, keywords or dependency lists in package.json.', details: { limit: maxBodyBytes } });
  }
  const header: Header = {
    v: recordVersion,
    key: context.signer.publicKey,
    seq: context.head === undefined ? 0 : context.head.seq + 1,
    prev: context.head === undefined ? null : context.head.hash,
    kind,
    clock: context.clock + 1,
    at: context.at,
    bodyCid: bodyCidOf(body),
    bodySize: body.length,
    ext,
  };
  const bytes = dagCbor.encode(header);
  const signed = { header: bytes, signature: context.signer.sign(signedBytes(bytes)), body };
  // What somebody else put into `ext` may not come back as it was.
  return Object.keys(ext).length === 0 ? recordOfFields(signed, header) : parseRecord(signed);
}

/** Signs a record of a known kind. Throws BAD_RECORD, TOO_LARGE. */
export function sign<K extends RecordKind>(kind: K, body: z.input<(typeof bodies)[K]>, context: SignContext): VerifiedRecord {
  return signBytes(kind, encodeBody(kind, body), context);
}
