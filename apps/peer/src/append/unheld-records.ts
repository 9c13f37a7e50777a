import { sameBytes, SoukError, toHex, type Head, type KeyId, type LogStore, type VerifiedRecord } from '@souk/domain';

type Logs = Pick<LogStore, 'head' | 'read'>;

async function isHeld(logs: Logs, head: Head | undefined, record: VerifiedRecord): Promise<boolean> {
  const { seq } = record.fields;
  if (head === undefined || seq > head.seq) return false;
  const [held] = await logs.read(record.key, seq, 1);
  return held !== undefined && sameBytes(held.record.hash, record.hash);
}

/** Those of the records that are not held yet, in their order. */
export async function unheldRecords(logs: Logs, records: readonly VerifiedRecord[]): Promise<VerifiedRecord[]> {
  const heads = new Map<KeyId, Head | undefined>();
  const news: VerifiedRecord[] = [];
  for (const record of records) {
    if (!heads.has(record.key)) heads.set(record.key, await logs.head(record.key));
    if (!(await isHeld(logs, heads.get(record.key), record))) news.push(record);
  }
  return news;
}

function staleHead(key: KeyId, head: Head | undefined): SoukError {
  const at = head === undefined ? 'has no record here yet' : `is at record ${head.seq} here`;
  return new SoukError('STALE_HEAD', `The log of ${key} ${at}; the records do not continue it.`, {
    hint: 'Read the log from its head, then sign the records again on top of it.',
    details: { key, seq: head?.seq ?? -1, hash: head === undefined ? null : toHex(head.hash) },
  });
}

/**
 * Compare-and-append: per key the new records continue the held head without a gap. Throws STALE_HEAD.
 * Checked before the store sees them, because to a store a second record of one seq proves a fork: a laptop that restored an
 * old copy of its log must be told so, not lose its key.
 */
export async function requireContinuation(logs: Logs, news: readonly VerifiedRecord[]): Promise<void> {
  const heads = new Map<KeyId, Head | undefined>();
  for (const record of news) {
    const { key } = record;
    const held = heads.has(key) ? heads.get(key) : await logs.head(key);
    const { seq, prev } = record.fields;
    const continues = held === undefined ? seq === 0 : seq === held.seq + 1 && prev !== null && sameBytes(prev, held.hash);
    if (!continues) throw staleHead(key, await logs.head(key));
    heads.set(key, { key, seq, hash: record.hash });
  }
}
