import type { CID } from 'multiformats/cid';
import { z } from 'zod';
import { Base64, fromBase64, toBase64 } from '../id/bytes.ts';
import type { KeyId } from '../id/key-id.ts';

/** Most bytes of a header; a header is small and fixed but for `ext`. */
export const maxHeaderBytes = 4096;

/** Most bytes of a body; what is larger is a blob named by its cid. */
export const maxBodyBytes = 65_536;

/** The header version that this code writes and understands. */
export const recordVersion = 1;

/** The signed part of a record, as dag-cbor. `prev` is the hash of the record before, null for seq 0. */
export interface Header {
  readonly v: number;
  readonly key: Uint8Array;
  readonly seq: number;
  readonly prev: Uint8Array | null;
  readonly kind: string;
  /** 1 + the highest clock its writer had seen of its publisher (Lamport 1978). */
  readonly clock: number;
  /** Milliseconds since 1970 by the writer's clock; for display only. */
  readonly at: number;
  readonly bodyCid: CID;
  readonly bodySize: number;
  readonly ext: Readonly<Record<string, unknown>>;
}

/** A record as it travels and is kept: the header's bytes as received, the signature over them, and the body unless erased. */
export interface SignedRecord {
  readonly header: Uint8Array;
  readonly signature: Uint8Array;
  readonly body?: Uint8Array;
}

/** A signed record whose signature, encoding and body were checked by `verify`. Nothing else makes one. */
export interface VerifiedRecord extends SignedRecord {
  /** SHA-256 of the header bytes: the record's name in `prev`, heads and proofs. */
  readonly hash: Uint8Array;
  readonly key: KeyId;
  readonly fields: Header;
}

/** The newest record of a log. */
export interface Head {
  readonly key: KeyId;
  readonly seq: number;
  readonly hash: Uint8Array;
}

/** A signed record inside JSON: HTTP, NATS and the CLI's files. */
export const WireRecord = z
  .object({
    header: Base64.max(Math.ceil((maxHeaderBytes * 4) / 3)),
    signature: Base64.length(86),
    body: Base64.max(Math.ceil((maxBodyBytes * 4) / 3)).optional(),
  })
  .meta({ id: 'Record' });
export type WireRecord = z.infer<typeof WireRecord>;

/** The JSON form of a record. */
export function toWire(record: SignedRecord): WireRecord {
  return { header: toBase64(record.header), signature: toBase64(record.signature), ...(record.body ? { body: toBase64(record.body) } : {}) };
}

/** The bytes of a record's JSON form. */
export function fromWire(wire: WireRecord): SignedRecord {
  return { header: fromBase64(wire.header), signature: fromBase64(wire.signature), ...(wire.body === undefined ? {} : { body: fromBase64(wire.body) }) };
}
