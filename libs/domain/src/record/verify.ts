import * as dagCbor from '@ipld/dag-cbor';
import { CID } from 'multiformats/cid';
import { z } from 'zod';
import { SoukError } from '../errors/souk-error.ts';
import { sameBytes } from '../id/bytes.ts';
import { sha256Of } from '../id/cid.ts';
import { keyId } from '../id/key-id.ts';
import { isPlainCanonical } from './plain-cbor.ts';
import { prefixed, requireSignature } from './signature.ts';
import { maxBodyBytes, maxHeaderBytes, recordVersion, type Header, type SignedRecord, type VerifiedRecord } from './signed-record.ts';

const domainPrefix = new TextEncoder().encode('souk/record/1\0');
const maxInteger = Number.MAX_SAFE_INTEGER;

const bytes32 = z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === 32, 'must be 32 bytes');
const isBodyCid = (value: unknown): value is CID => CID.asCID(value)?.code === dagCbor.code && CID.asCID(value)?.multihash.code === 0x12;

const HeaderFields = z
  .looseObject({
    v: z.int().min(1).max(65_535),
    key: bytes32,
    seq: z.int().min(0).max(maxInteger),
    prev: bytes32.nullable(),
    kind: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
    clock: z.int().min(1).max(maxInteger),
    at: z.int().min(0).max(maxInteger),
    bodyCid: z.custom<CID>(isBodyCid, 'must be a CIDv1 (dag-cbor, sha2-256)'),
    bodySize: z.int().min(0).max(maxBodyBytes),
    ext: z.record(z.string(), z.unknown()),
  })
  .refine((header) => (header.seq === 0) === (header.prev === null), 'prev must be null exactly at seq 0');

function bad(why: string, cause?: unknown): SoukError {
  return new SoukError('BAD_RECORD', `The record ${why}.`, { cause });
}

/** Decodes one dag-cbor value and refuses every encoding but the canonical one, so that equal values have equal bytes. Throws BAD_RECORD. */
export function decodeCanonical(bytes: Uint8Array, what: string): unknown {
  let value: unknown;
  try {
    value = dagCbor.decode(bytes);
  } catch (cause) {
    throw bad(`has a ${what} that is not dag-cbor`, cause);
  }
  if (!isPlainCanonical(bytes) && !sameBytes(dagCbor.encode(value), bytes)) throw bad(`has a ${what} in a non-canonical encoding`);
  return value;
}

function parseHeader(bytes: Uint8Array): Header {
  if (bytes.length > maxHeaderBytes) throw bad(`has a header of more than ${maxHeaderBytes} bytes`);
  const value = decodeCanonical(bytes, 'header');
  const version = (value as { v?: unknown } | null)?.v;
  if (typeof version === 'number' && Number.isSafeInteger(version) && version > recordVersion) {
    throw new SoukError('UPGRADE_NEEDED', `The record has version ${version}; this Souk understands ${recordVersion}.`, { hint: 'Upgrade Souk; the log is read on from here then.', details: { version } });
  }
  return checkedHeader(value);
}

function checkedHeader(value: unknown): Header {
  const parsed = HeaderFields.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw bad(`has a wrong header: ${issue?.path.join('.') || 'header'} ${issue?.message ?? ''}`.trimEnd());
}

function checkBody(header: Header, body: Uint8Array | undefined): void {
  if (body === undefined) return;
  if (body.length !== header.bodySize) throw bad(`says its body has ${header.bodySize} bytes, it has ${body.length}`);
  // The header's schema has left it no choice but a CIDv1 of this codec and hash.
  if (!sameBytes(sha256Of(body), header.bodyCid.multihash.digest)) throw bad('has a body that is not the one its header names');
}

/**
 * Parses a record without checking its signature. Only for bytes that need no check: from our own store, which passed `verify` at the door,
 * from a thread of ours that verified them, or signed here.
 * Throws BAD_RECORD, UPGRADE_NEEDED.
 */
export function parseRecord(signed: SignedRecord): VerifiedRecord {
  return recordOf(signed, parseHeader(signed.header));
}

/** The record whose header's bytes were made here a moment ago, of these fields: what `parseRecord` makes of them, without reading them again. Throws BAD_RECORD. */
export function recordOfFields(signed: SignedRecord, fields: Header): VerifiedRecord {
  if (signed.header.length > maxHeaderBytes) throw bad(`has a header of more than ${maxHeaderBytes} bytes`);
  return recordOf(signed, checkedHeader(fields));
}

function recordOf(signed: SignedRecord, fields: Header): VerifiedRecord {
  return { header: signed.header, signature: signed.signature, ...(signed.body ? { body: signed.body } : {}), hash: sha256Of(signed.header), key: keyId(fields.key), fields };
}

/**
 * The only way to a verified record: its key's signature over `"souk/record/1\0"` and the header's bytes as received (`requireSignature`).
 * A body, when there is one, must be the one that the header names. Throws BAD_RECORD, BAD_SIGNATURE, UPGRADE_NEEDED.
 */
export function verify(signed: SignedRecord): VerifiedRecord {
  const record = parseRecord(signed);
  const { key, seq } = record.fields;
  requireSignature({ what: 'record', key, message: signedBytes(signed.header), signature: signed.signature, name: () => `record ${seq} of ${record.key}` });
  checkBody(record.fields, signed.body);
  return record;
}

/** What a record's signature signs: the domain prefix and the header's bytes. */
export function signedBytes(header: Uint8Array): Uint8Array {
  return prefixed(domainPrefix, header);
}
