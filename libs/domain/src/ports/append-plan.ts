import { SoukError } from '../errors/souk-error.ts';
import { sameBytes, toHex } from '../id/bytes.ts';
import type { KeyId } from '../id/key-id.ts';
import type { Head, VerifiedRecord } from '../record/signed-record.ts';
import type { OrderSlice } from './log-order.ts';
import type { ForkProof } from './log-store.ts';

/** What a store holds, as far as an append depends on it. Synchronous, so that nothing changes between the plan and its execution. */
export interface HeldLogs {
  /** The head of one log. */
  head(key: KeyId): Head | undefined;
  /** The seq at which a fork of the key was proven; undefined while the log is linear. */
  forkedAt(key: KeyId): number | undefined;
  /** The hash of the held record at a seq that is not beyond the head. */
  hashAt(key: KeyId, seq: number): Uint8Array;
  /** That record itself; asked only for a fork proof. */
  recordAt(key: KeyId, seq: number): VerifiedRecord;
}

/** What a store has to write, in this order. */
export interface AppendPlan {
  readonly add: readonly VerifiedRecord[];
  /** At most one fork per key: the first one freezes it. */
  readonly forks: readonly ForkProof[];
}

/**
 * The rule of compare-and-append (see `LogStore.append`), which every store follows: what of these records is new, what proves a fork.
 * Throws STALE_HEAD and FORKED_LOG; then nothing may be written.
 */
export function planAppend(records: readonly VerifiedRecord[], held: HeldLogs): AppendPlan {
  const added = new Map<KeyId, VerifiedRecord[]>();
  const add: VerifiedRecord[] = [];
  const forks = new Map<KeyId, ForkProof>();
  for (const record of records) {
    const { key } = record;
    if (forks.has(key)) continue;
    const news = added.get(key) ?? [];
    const head = headOf(news) ?? held.head(key);
    const twin = head === undefined || record.fields.seq > head.seq ? undefined : twinOf(record, news, held);
    if (twin?.same) continue;
    const frozenAt = held.forkedAt(key);
    if (frozenAt !== undefined) throw forkedLog(key, frozenAt);
    if (twin) {
      forks.set(key, { key, seq: record.fields.seq, a: twin.record(), b: record });
      continue;
    }
    if (!continues(record, head)) throw staleHead(key, held.head(key));
    added.set(key, news);
    news.push(record);
    add.push(record);
  }
  return { add, forks: [...forks.values()] };
}

/** Throws STALE_HEAD unless all of what another store has next is new here: every record, every fork, and as many writers. */
export function requireWhole(plan: AppendPlan, next: Pick<OrderSlice, 'records' | 'writers' | 'forks'>, newWriters: number): void {
  if (plan.add.length === next.records.length && plan.forks.length === next.forks.length && newWriters === next.writers.length) return;
  throw new SoukError('STALE_HEAD', 'What was to be taken over does not continue what is held here.', { hint: 'The two stores do not have one order of arrival.' });
}

interface Twin {
  readonly same: boolean;
  readonly record: () => VerifiedRecord;
}

function twinOf(record: VerifiedRecord, news: readonly VerifiedRecord[], held: HeldLogs): Twin {
  const { seq } = record.fields;
  const fresh = news.find((one) => one.fields.seq === seq);
  const hash = fresh?.hash ?? held.hashAt(record.key, seq);
  return { same: sameBytes(hash, record.hash), record: () => fresh ?? held.recordAt(record.key, seq) };
}

function headOf(news: readonly VerifiedRecord[]): Head | undefined {
  const last = news.at(-1);
  return last && { key: last.key, seq: last.fields.seq, hash: last.hash };
}

function continues(record: VerifiedRecord, head: Head | undefined): boolean {
  const { seq, prev } = record.fields;
  if (head === undefined) return seq === 0 && prev === null;
  return seq === head.seq + 1 && prev !== null && sameBytes(prev, head.hash);
}

function staleHead(key: KeyId, head: Head | undefined): SoukError {
  const at = head === undefined ? 'has no record here yet' : `is at record ${head.seq} here`;
  return new SoukError('STALE_HEAD', `The log of ${key} ${at}; the records do not continue it.`, {
    hint: 'Read the log from its head, then sign the records again on top of it.',
    details: { key, seq: head?.seq ?? -1, hash: head === undefined ? null : toHex(head.hash) },
  });
}

function forkedLog(key: KeyId, seq: number): SoukError {
  return new SoukError('FORKED_LOG', `Two different records ${seq} were signed by ${key}; its log is frozen there.`, {
    hint: 'The root key of its publisher has to revoke this key; publish with another device key.',
    details: { key, seq },
  });
}
