import { maxFrameBytes, type FrameRecord } from '@souk/contracts';
import type { SignedRecord, VerifiedRecord } from '@souk/domain';

/** What a record costs in a frame beside its own bytes: map keys and length prefixes. */
const overhead = 64;
/** Room in a frame for everything but its records: a fork proof and a trace. */
const reserve = 16_384;

/** Most bytes of records that a frame carries, by `frameCost`. */
export const maxRecordBytes = maxFrameBytes - reserve;

/** A record as it travels between peers. */
export function toFrame(record: SignedRecord): FrameRecord {
  return { header: record.header, signature: record.signature, ...(record.body === undefined ? {} : { body: record.body }) };
}

/** A record that travels without its body: it still proves who signed what at which seq. */
export function toBareFrame(record: SignedRecord): FrameRecord {
  return { header: record.header, signature: record.signature };
}

/** A record out of a frame, not verified yet. */
export function fromFrame(frame: FrameRecord): SignedRecord {
  return { header: frame.header, signature: frame.signature, ...(frame.body === undefined ? {} : { body: frame.body }) };
}

/** Upper bound of the bytes that a record takes in a frame. */
export function frameCost(record: SignedRecord | VerifiedRecord): number {
  return record.header.length + record.signature.length + (record.body?.length ?? 0) + overhead;
}
