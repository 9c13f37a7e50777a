import { toHex, type KeyEvidence, type VerifiedRecord } from '@souk/domain';

function union(a: readonly VerifiedRecord[], b: readonly VerifiedRecord[]): VerifiedRecord[] {
  return [...new Map([...a, ...b].map((record) => [toHex(record.hash), record])).values()];
}

/** What is held already together with what an append brings along; where both speak, what is held counts. */
export function joinedEvidence(held: KeyEvidence, carried: KeyEvidence): KeyEvidence {
  return {
    at: async (key, seq) => (await held.at(key, seq)) ?? carried.at(key, seq),
    successor: async (keyHash) => (await held.successor(keyHash)) ?? carried.successor(keyHash),
    grants: async (root, key) => union(await held.grants(root, key), await carried.grants(root, key)),
    forkedAt: (key) => held.forkedAt(key),
  };
}
