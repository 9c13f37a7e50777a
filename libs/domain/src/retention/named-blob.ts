import { decodeCbor } from '../id/cbor.ts';
import { Cid } from '../id/cid.ts';
import type { VerifiedRecord } from '../record/signed-record.ts';
import type { NamedRelease } from './pin-rule.ts';

/**
 * The blob that a record names, undefined when it names none. Reads no more of a release than that, because every record passes here:
 * a release that is wrong otherwise names its blob all the same.
 */
export function namedBlob(record: VerifiedRecord): NamedRelease | undefined {
  if (record.fields.kind !== 'release' || record.body === undefined) return undefined;
  let body: unknown;
  try {
    body = decodeCbor(record.body);
  } catch {
    return undefined;
  }
  if (typeof body !== 'object' || body === null) return undefined;
  const { name, version, cid } = body as Record<string, unknown>;
  const parsed = Cid.safeParse(cid);
  return parsed.success ? { name: String(name), version: String(version), cid: parsed.data, key: record.key } : undefined;
}
