import { toHex } from '../id/bytes.ts';
import { sha256Of } from '../id/cid.ts';
import type { KeyId } from '../id/key-id.ts';
import type { LogStore } from '../ports/log-store.ts';
import { subject, subjectOf } from '../record/subject.ts';
import type { VerifiedRecord } from '../record/signed-record.ts';
import type { KeyEvidence } from './writer.ts';

/** Most delegations and revocations of one key by one root that are read. */
const maxGrants = 256;

/** Evidence out of the logs that a peer holds. */
export function storedEvidence(logs: Pick<LogStore, 'read' | 'about' | 'fork'>): KeyEvidence {
  return {
    at: async (key, seq) => (await logs.read(key, seq, 1)).find((one) => one.record.fields.seq === seq)?.record,
    successor: async (keyHash) => (await logs.about(subject.ofSuccessor(keyHash), 0, 1))[0]?.record,
    grants: async (root, key) => (await logs.about(subject.ofGrant(root, key), 0, maxGrants)).map((one) => one.record),
    forkedAt: async (key) => (await logs.fork(key))?.seq,
  };
}

/** Evidence out of the records that came with an answer, each of which has passed `verify`. */
export function carriedEvidence(records: readonly VerifiedRecord[]): KeyEvidence {
  const grants = (root: KeyId, key: KeyId): VerifiedRecord[] => records.filter((one) => subjectOf(one) === subject.ofGrant(root, key));
  return {
    at: async (key, seq) => records.find((one) => one.key === key && one.fields.seq === seq),
    successor: async (keyHash) => records.find((one) => one.fields.seq === 0 && one.fields.kind === 'rotate' && toHex(sha256Of(one.fields.key)) === keyHash),
    grants: async (root, key) => grants(root, key),
    forkedAt: async () => undefined,
  };
}
