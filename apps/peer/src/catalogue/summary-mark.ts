import { toHex, type LogStore } from '@souk/domain';
import { z } from 'zod';
import { placeAfter } from './change-place.ts';
import { summaryRules } from './package-summary.ts';
import { decisionCursor, decisionsRead, type PolicySource } from './policy-changes.ts';

const hash = z.string().nullable();

/**
 * How far kept summaries have come: everything that `readChanges` tells before `changes`, as it is after what the site decided before `decisions` and with
 * so many proven forks. The hashes are of the last record of each: who has others has other logs.
 */
export const SummaryMark = z.object({ rules: z.string(), changes: z.int().min(0), record: hash, decisions: z.int().min(0), decision: hash, forks: z.int().min(0) });
export type SummaryMark = z.infer<typeof SummaryMark>;

/** Where a mark is compared with what is there. */
export interface MarkedLogs {
  readonly logs: Pick<LogStore, 'hashAt' | 'order'>;
  readonly siteLog: PolicySource['siteLog'];
}

async function hashesAt({ logs, siteLog }: MarkedLogs, changes: number, decisions: number): Promise<Pick<SummaryMark, 'record' | 'decision'>> {
  const record = await logs.hashAt(placeAfter(changes).arrival - 1);
  const read = decisionsRead(decisions);
  const [decision] = read === 0 ? [] : await siteLog.records(read - 1, 1);
  return { record: record ? toHex(record) : null, decision: decision ? toHex(decision.hash) : null };
}

/** The mark of summaries that have come so far in these logs. */
export async function markAt(marked: MarkedLogs, at: Pick<SummaryMark, 'changes' | 'decisions' | 'forks'>): Promise<SummaryMark> {
  return { rules: summaryRules, ...at, ...(await hashesAt(marked, at.changes, at.decisions)) };
}

/** The mark of no summaries: what the site has decided, and which forks are proven, counts for all that are folded from now on. */
export async function emptyMark(marked: MarkedLogs): Promise<SummaryMark> {
  return markAt(marked, { changes: 0, decisions: decisionCursor(marked.siteLog.length), forks: (await marked.logs.order()).forks });
}

/** Reads a mark; undefined for one of other rules or of other logs than these. */
export async function readMark(marked: MarkedLogs, text: string): Promise<SummaryMark | undefined> {
  const parsed = SummaryMark.safeParse(JSON.parse(text));
  if (!parsed.success || parsed.data.rules !== summaryRules) return undefined;
  const { record, decision } = await hashesAt(marked, parsed.data.changes, parsed.data.decisions);
  return record === parsed.data.record && decision === parsed.data.decision ? parsed.data : undefined;
}
