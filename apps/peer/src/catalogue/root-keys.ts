import { readFact, storedEvidence, toHex, type KeyId, type LogStore, type PublisherId, type VerifiedRecord } from '@souk/domain';

/** Most roots of one publisher that are followed. */
const maxRoots = 64;

function committedBy(record: VerifiedRecord | undefined): string | undefined {
  try {
    const fact = record && readFact(record);
    if (fact?.kind !== 'inception' && fact?.kind !== 'rotate') return undefined;
    return fact.body.nextRootHash && toHex(fact.body.nextRootHash);
  } catch {
    return undefined;
  }
}

/** The root keys of a publisher that are held, oldest first: each next one is the key that the one before committed to. */
export async function rootKeysOf(logs: Pick<LogStore, 'read' | 'about' | 'fork'>, publisher: PublisherId): Promise<KeyId[]> {
  const evidence = storedEvidence(logs);
  const roots: KeyId[] = [publisher];
  let committed = committedBy(await evidence.at(publisher, 0));
  while (committed !== undefined && roots.length < maxRoots) {
    const successor = await evidence.successor(committed);
    if (!successor || roots.includes(successor.key)) break;
    roots.push(successor.key);
    committed = committedBy(successor);
  }
  return roots;
}
