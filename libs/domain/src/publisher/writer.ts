import { toHex, sameBytes } from '../id/bytes.ts';
import { sha256Of } from '../id/cid.ts';
import type { KeyId, PublisherId } from '../id/key-id.ts';
import { readableFact, type BodyOf, type Fact } from '../record/body.ts';
import type { VerifiedRecord } from '../record/signed-record.ts';

/** Where the records about keys come from: a log store, or the proof that an answer carries. */
export interface KeyEvidence {
  /** The record of a log at `seq`, when it is held. */
  at(key: KeyId, seq: number): Promise<VerifiedRecord | undefined>;
  /** The first record of the log whose key has this SHA-256 (hexadecimal). */
  successor(keyHash: string): Promise<VerifiedRecord | undefined>;
  /** Delegations and revocations of `key` in the log of `root`. */
  grants(root: KeyId, key: KeyId): Promise<readonly VerifiedRecord[]>;
  /** The seq at which a log is proven to be forked. */
  forkedAt(key: KeyId): Promise<number | undefined>;
}

/** Where a log stops to count: after `lastSeq`, on the branch of `lastHash`. */
interface Cut {
  readonly lastSeq: number;
  readonly lastHash: Uint8Array | null;
}

/** What a key may write, as far as the evidence shows. */
export interface Writer {
  readonly key: KeyId;
  /** Whom the key writes for; undefined when nobody stands behind it. */
  readonly publisher?: PublisherId;
  /** Why records of this key do not count, as the end of a sentence. */
  readonly problem?: string;
  /** Records after this seq do not count; undefined for a key in good standing. */
  readonly lastSeq?: number;
  /** The records that prove it, for whoever must not trust us. */
  readonly proof: readonly VerifiedRecord[];
}

/** Whether the record at `seq` of a writer's log counts. */
export function counts(writer: Writer, seq: number): boolean {
  return writer.publisher !== undefined && (writer.lastSeq === undefined || seq <= writer.lastSeq);
}

/** Most rotations that are followed. */
const maxRotations = 64;

const factOf = (record: VerifiedRecord | undefined): Fact | undefined => record && readableFact(record);

async function lastCounted(evidence: KeyEvidence, key: KeyId, cut: Cut): Promise<number> {
  if (cut.lastHash === null) return -1;
  const held = await evidence.at(key, cut.lastSeq);
  if (held === undefined || sameBytes(held.hash, cut.lastHash)) return cut.lastSeq;
  // Held is the branch that the root disowned: only what both branches share still counts.
  const forkedAt = await evidence.forkedAt(key);
  return forkedAt === undefined ? -1 : forkedAt - 1;
}

interface Root {
  readonly key: KeyId;
  lastSeq: number;
}

/** The root keys of a publisher, oldest first: each next one is the key that the one before committed to (pre-rotation, as in KERI). */
async function rootsOf(evidence: KeyEvidence, publisher: PublisherId, proof: VerifiedRecord[]): Promise<Root[]> {
  const first = factOf(await evidence.at(publisher, 0));
  if (first?.kind !== 'inception' || first.body.rootKey !== publisher || first.body.nextRootHash === undefined) return [];
  proof.push(first.record);
  const roots: Root[] = [{ key: publisher, lastSeq: Number.MAX_SAFE_INTEGER }];
  let next: Uint8Array = first.body.nextRootHash;
  while (roots.length <= maxRotations) {
    const current = roots[roots.length - 1] as Root;
    const fact = factOf(await evidence.successor(toHex(next)));
    if (fact?.kind !== 'rotate' || !follows(fact.body, fact.record, { publisher, current: current.key, committed: next })) return roots;
    proof.push(fact.record);
    current.lastSeq = await lastCounted(evidence, current.key, fact.body.from);
    roots.push({ key: fact.record.key, lastSeq: Number.MAX_SAFE_INTEGER });
    next = fact.body.nextRootHash;
  }
  return roots;
}

function follows(body: BodyOf<'rotate'>, record: VerifiedRecord, root: { publisher: PublisherId; current: KeyId; committed: Uint8Array }): boolean {
  return record.fields.seq === 0 && body.rootKey === root.publisher && body.from.key === root.current && sameBytes(sha256Of(record.fields.key), root.committed);
}

async function deviceOf(evidence: KeyEvidence, key: KeyId, publisher: PublisherId, roots: readonly Root[], proof: VerifiedRecord[]): Promise<Writer> {
  let delegated = false;
  let lastSeq: number | undefined;
  for (const root of roots) {
    for (const record of await evidence.grants(root.key, key)) {
      const fact = factOf(record);
      if (record.key !== root.key || record.fields.seq > root.lastSeq || (fact?.kind !== 'delegate' && fact?.kind !== 'revoke') || fact.body.key !== key) continue;
      proof.push(record);
      if (fact.kind === 'delegate') delegated = true;
      else lastSeq = Math.min(lastSeq ?? Number.MAX_SAFE_INTEGER, await lastCounted(evidence, key, fact.body));
    }
  }
  if (!delegated) return { key, problem: 'is not delegated by the publisher it names', proof };
  return { key, publisher, proof, ...(lastSeq === undefined ? {} : { lastSeq }) };
}

/**
 * For whom a key writes. A root writes for itself until its successor appears; a device writes for the root that its
 * own first record names, once that root delegated it and until it revokes it. Depends on the records only, not on their order.
 */
export async function readWriter(evidence: KeyEvidence, key: KeyId): Promise<Writer> {
  const first = factOf(await evidence.at(key, 0));
  if (first?.kind !== 'inception' && first?.kind !== 'rotate') return { key, problem: 'has no inception record', proof: [] };
  const publisher = first.body.rootKey;
  const proof: VerifiedRecord[] = [];
  const roots = await rootsOf(evidence, publisher, proof);
  if (roots.length === 0) return { key, problem: 'names a publisher that is not known', proof };
  const root = roots.find((one) => one.key === key);
  if (root) return { key, publisher, proof, ...(root.lastSeq === Number.MAX_SAFE_INTEGER ? {} : { lastSeq: root.lastSeq }) };
  if (first.kind === 'rotate') return { key, problem: 'is not the successor that its publisher committed to', proof };
  proof.push(first.record);
  return deviceOf(evidence, key, publisher, roots, proof);
}
