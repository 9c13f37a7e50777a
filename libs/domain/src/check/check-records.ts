import { throwIfAborted } from '../errors/abort.ts';
import { isSoukError } from '../errors/souk-error.ts';
import { sameBytes } from '../id/bytes.ts';
import type { KeyId } from '../id/key-id.ts';
import type { LogStore, StoredRecord } from '../ports/log-store.ts';
import type { Head, VerifiedRecord } from '../record/signed-record.ts';
import { verify } from '../record/verify.ts';
import { found, type CheckStep, type Finding } from './finding.ts';

/** How records are checked. */
export interface RecordCheckOptions {
  /** Gets every record that can be read. */
  readonly onRecord?: (stored: StoredRecord) => void;
  /** Called at each record, so that others get a turn now and then. */
  readonly pace?: () => Promise<void>;
  readonly signal?: AbortSignal;
}

type Logs = Pick<LogStore, 'heads' | 'read' | 'size' | 'forks'>;

const page = 100;
const maxForks = 100;
/** Records after which a check says how far it is. */
const tellEvery = 500;

const restore = 'Restore the data folder from a backup, or move it away and join the network again: the records come back from the other peers.';

function damaged(key: KeyId, seq: number, why: string): Finding {
  return { check: 'records', level: 'problem', what: `Record ${seq} of ${key} is damaged.`, why, todo: restore };
}

/** Why a record does not stand behind the one before it, undefined when it does. */
function brokenLink(record: VerifiedRecord, before: Pick<Head, 'seq' | 'hash'> | undefined): string | undefined {
  const { seq, prev } = record.fields;
  if (seq !== (before?.seq ?? -1) + 1) return `It follows record ${before?.seq ?? 'none'}.`;
  const isLinked = before === undefined ? prev === null : prev !== null && sameBytes(prev, before.hash);
  return isLinked ? undefined : 'It does not name the hash of the record before it.';
}

/** The records from `from` on; where a page can't be read, the readable ones before the damage and the reason. */
async function readPage(logs: Logs, key: KeyId, from: number): Promise<{ records: readonly StoredRecord[]; broken?: string }> {
  try {
    return { records: await logs.read(key, from, page) };
  } catch (error) {
    if (!isSoukError(error) || error.code !== 'STORAGE_CORRUPT') throw error;
  }
  const records: StoredRecord[] = [];
  for (let seq = from; ; seq += 1) {
    try {
      const [one] = await logs.read(key, seq, 1);
      if (!one) return { records };
      records.push(one);
    } catch (error) {
      if (!isSoukError(error)) throw error;
      return { records, broken: error.message };
    }
  }
}

function problemOf(record: VerifiedRecord, before: Pick<Head, 'seq' | 'hash'> | undefined): string | undefined {
  try {
    verify(record);
  } catch (error) {
    if (!isSoukError(error)) throw error;
    return error.message;
  }
  return brokenLink(record, before);
}

async function* checkLog(logs: Logs, head: Head, { onRecord, pace, signal }: RecordCheckOptions): AsyncGenerator<Finding | undefined> {
  const { key } = head;
  let before: Pick<Head, 'seq' | 'hash'> | undefined;
  for (;;) {
    const { records, broken } = await readPage(logs, key, (before?.seq ?? -1) + 1);
    for (const stored of records) {
      const { record } = stored;
      const problem = problemOf(record, before);
      if (problem) yield damaged(key, record.fields.seq, problem);
      before = { seq: record.fields.seq, hash: record.hash };
      onRecord?.(stored);
      await pace?.();
      throwIfAborted(signal, 'The check');
      yield undefined;
    }
    if (broken !== undefined) return yield damaged(key, (before?.seq ?? -1) + 1, broken);
    if (records.length < page) break;
  }
  if (before?.seq !== head.seq || !sameBytes(before.hash, head.hash)) {
    yield { check: 'records', level: 'problem', what: `The log of ${key} ends at record ${before?.seq ?? 'none'}, not at its head ${head.seq}.`, why: 'Records were lost.', todo: restore };
  }
}

/**
 * Reads every record that is held and checks signature, encoding, body and place in its chain, and that each log ends at its head.
 * Forks are told of as notes. Throws CANCELLED, and what the store throws, unless a record is merely damaged.
 */
export async function* checkRecords(logs: Logs, options: RecordCheckOptions = {}): AsyncGenerator<CheckStep> {
  const { records: total } = await logs.size();
  let done = 0;
  for (let after: KeyId | undefined; ; ) {
    const heads = await logs.heads(after, page);
    for (const head of heads) {
      for await (const finding of checkLog(logs, head, options)) {
        if (finding) yield found(finding);
        else if ((done += 1) % tellEvery === 0) yield { type: 'checked', check: 'records', done, total };
      }
    }
    after = heads.at(-1)?.key;
    if (heads.length < page) break;
  }
  if (done !== total) yield found({ check: 'records', level: 'problem', what: `${total} records should be here; ${done} can be read.`, why: 'The database of the logs is damaged.', todo: restore });
  for (const { key, seq } of await logs.forks(maxForks)) {
    yield found({ check: 'records', level: 'note', what: `The key ${key} signed two different records ${seq}.`, why: 'Two copies of the key were used, or it was stolen. Its log is frozen there; what it published before counts.', todo: 'Its publisher has to revoke the key and publish with another one.' });
  }
  yield { type: 'checked', check: 'records', done, total };
}
