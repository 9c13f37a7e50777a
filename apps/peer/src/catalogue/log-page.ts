import { toWireHead, type LogOutput } from '@souk/contracts';
import { toWire, type KeyId, type LogStore } from '@souk/domain';
import { fitting } from '../message-budget.ts';

/** The records of a log from `from` on: at most `limit`, and no more than fit into one message, and the log's head. Empty for an unknown log. */
export async function logPage(logs: Pick<LogStore, 'read' | 'head'>, key: KeyId, from: number, limit: number): Promise<LogOutput> {
  const head = await logs.head(key);
  const records = (await logs.read(key, from, limit)).map((one) => toWire(one.record));
  return { records: fitting(records), ...(head ? { head: toWireHead(head) } : {}) };
}
