import { fromWire, isRecordKind, isSiteKind, readFact, SoukError, verify, type VerifiedRecord, type WireRecord } from '@souk/domain';
import { Pace } from '../pace.ts';

/** BAD_RECORD: a record of a kind that we judge came without its body. */
function bodyMissing(record: VerifiedRecord): SoukError {
  return new SoukError('BAD_RECORD', `The ${record.fields.kind} record ${record.fields.seq} of ${record.key} came without its body.`, { hint: 'Send the body with the record.' });
}

/** BAD_RECORD: what a site decides stays in it, so nobody publishes it. */
function notPublic(record: VerifiedRecord): SoukError {
  return new SoukError('BAD_RECORD', `A ${record.fields.kind} record has its place in the site log only.`, { hint: 'Administer the site by souk account, souk token and souk policy.' });
}

/**
 * Checks records on their own: encoding, key, signature, body and the body's schema. Kinds that this version does not know pass with any body.
 * Records that are sent twice are kept once. Others get a turn between slices of work. Throws BAD_RECORD, BAD_SIGNATURE, UPGRADE_NEEDED.
 */
export async function verifyRecords(wire: readonly WireRecord[]): Promise<VerifiedRecord[]> {
  const pace = new Pace();
  const records = new Map<string, VerifiedRecord>();
  for (const one of wire) {
    if (!records.has(one.header)) {
      const record = verify(fromWire(one));
      if (isSiteKind(record.fields.kind)) throw notPublic(record);
      if (isRecordKind(record.fields.kind) && readFact(record) === undefined) throw bodyMissing(record);
      records.set(one.header, record);
    }
    await pace.step();
  }
  return [...records.values()];
}
