import { encodeCbor, type SignedRecord, type Signer, type VerifiedRecord } from '@souk/domain';

/** What a signature of a record covers before the header's bytes, in every version so far. */
const domainPrefix = new TextEncoder().encode('souk/record/1\0');

/** The record with a header that says something else, or more, signed again: how a later version may write it. Its hash is the caller's to compute. */
export function laterRecord(record: VerifiedRecord, signer: Signer, change: Readonly<Record<string, unknown>>): SignedRecord {
  const header = encodeCbor({ ...record.fields, ...change });
  const signature = signer.sign(new Uint8Array(Buffer.concat([domainPrefix, header])));
  return { header, signature, ...(record.body ? { body: record.body } : {}) };
}
