import { counts, readFact, readWriter, SoukError, type KeyEvidence, type KeyId, type VerifiedRecord, type Writer } from '@souk/domain';

/** Kinds that only a root key writes. */
const rootKinds = new Set(['delegate', 'revoke', 'rotate']);

function notDelegated(record: VerifiedRecord, writer: Writer): SoukError {
  const why = writer.problem ?? (rootKinds.has(record.fields.kind) ? 'is not a root key' : `ends at record ${writer.lastSeq ?? -1}, by the word of its root`);
  return new SoukError('NOT_DELEGATED', `The ${record.fields.kind} record ${record.fields.seq} does not count: the key ${record.key} ${why}.`, {
    hint: "Send the root's log, which delegates the key, first or with it; a key that was revoked needs a successor.",
    details: { key: record.key, seq: record.fields.seq },
  });
}

async function isRoot(evidence: KeyEvidence, writer: Writer): Promise<boolean> {
  if (writer.publisher === undefined) return false;
  if (writer.publisher === writer.key) return true;
  return (await evidence.at(writer.key, 0))?.fields.kind === 'rotate';
}

/** A device's first record only says to whom it belongs; it may arrive before its delegation. */
function isIntroduction(record: VerifiedRecord): boolean {
  const fact = readFact(record);
  return fact?.kind === 'inception' && record.fields.seq === 0 && fact.body.rootKey !== record.key;
}

/**
 * For whom each of the keys writes; every record must count. Throws NOT_DELEGATED for records of a key that nobody
 * stands behind, that lie beyond its revocation, or that only a root may write.
 */
export async function requireStanding(records: readonly VerifiedRecord[], evidence: KeyEvidence): Promise<ReadonlyMap<KeyId, Writer>> {
  const writers = new Map<KeyId, Writer>();
  for (const record of records) {
    const writer = writers.get(record.key) ?? (await readWriter(evidence, record.key));
    writers.set(record.key, writer);
    if (isIntroduction(record)) continue;
    if (!counts(writer, record.fields.seq)) throw notDelegated(record, writer);
    if (rootKinds.has(record.fields.kind) && !(await isRoot(evidence, writer))) throw notDelegated(record, writer);
  }
  return writers;
}
