import { isSoukError, parseRecord, sameBytes, sha256Of, SoukError } from '@souk/domain';
import type { ForkProof, KeyId, VerifiedRecord } from '@souk/domain';
import type { ForkRow, RecordRow } from './log-tables.ts';

/** A fork out of its row. Throws what `parsed` throws. */
export function proof(row: ForkRow): ForkProof {
  return {
    key: row.key as KeyId,
    seq: row.seq,
    a: parsed({ hash: row.a_hash, header: row.a_header, signature: row.a_signature, body: row.a_body }),
    b: parsed({ hash: row.b_hash, header: row.b_header, signature: row.b_signature, body: row.b_body }),
  };
}

/** A record out of its row. A row was verified before it was written; its hashes are enough to notice a disk that changed it since. Throws STORAGE_CORRUPT, UPGRADE_NEEDED. */
export function parsed({ hash, header, signature, body }: Pick<RecordRow, 'hash' | 'header' | 'signature' | 'body'>): VerifiedRecord {
  let record;
  try {
    record = parseRecord({ header, signature, ...(body === null ? {} : { body }) });
  } catch (cause) {
    if (isSoukError(cause) && cause.code === 'UPGRADE_NEEDED') throw cause;
    throw damaged('a record does not parse', cause);
  }
  if (!sameBytes(record.hash, hash)) throw damaged(`record ${record.fields.seq} of ${record.key} was changed`);
  if (body !== null && !sameBytes(sha256Of(body), record.fields.bodyCid.multihash.digest)) throw damaged(`the body of record ${record.fields.seq} of ${record.key} was changed`);
  return record;
}

/** STORAGE_CORRUPT: what is wrong with the logs, as the end of a sentence. */
export function damaged(what: string, cause?: unknown): SoukError {
  return new SoukError('STORAGE_CORRUPT', `Reading the logs failed: ${what}.`, { hint: 'Check the disk, then restore the data folder from a backup or join the network again with a new one.', cause });
}
