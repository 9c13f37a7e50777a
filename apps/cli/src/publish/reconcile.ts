import { routes, type PublisherDoc } from '@souk/contracts';
import { fromWire, isSoukError, readFact, SoukError, toHex, verify, type KeyId, type VerifiedRecord } from '@souk/domain';
import type { Gateway } from '../gateway/gateway.ts';
import { continues, headOf, type OwnLog } from '../home/own-log.ts';

/** How the user's own logs stand to a site's. */
export interface Standing {
  /** The seq of each log from which on the site lacks records. */
  readonly unsentFrom: ReadonlyMap<KeyId, number>;
  /** The highest clock of the publisher that is proven by a signature. */
  readonly clock: number;
}

const pageSize = 200;

/**
 * Compares the user's own logs with what a site holds of them. Where the site is ahead, as after a restore from a backup, its records are
 * verified and adopted. Throws FORKED_LOG when both hold different records of one place.
 */
export async function reconcile(gateway: Gateway, publisher: KeyId, roots: readonly OwnLog[], device: OwnLog): Promise<Standing> {
  const doc = await publisherAt(gateway, publisher);
  const unsentFrom = new Map<KeyId, number>();
  for (const log of [...roots, device]) {
    const head = doc?.keys.find((one) => one.key === log.key)?.head;
    if (head !== undefined && head.seq > (log.head?.seq ?? -1)) await adopt(gateway, log, head.seq);
    if (head !== undefined) await compare(log, head);
    unsentFrom.set(log.key, (head?.seq ?? -1) + 1);
  }
  const siblings = doc ? await siblingRecords(gateway, doc, roots, device) : [];
  return { unsentFrom, clock: Math.max(...roots.map((one) => one.clock), device.clock, ...siblings.map((one) => one.fields.clock)) };
}

/** What the site knows of a publisher, undefined when it knows nothing. */
export async function publisherAt(gateway: Gateway, id: KeyId): Promise<PublisherDoc | undefined> {
  try {
    return await gateway.call(routes.getPublisher, { params: { id } });
  } catch (error) {
    if (isSoukError(error) && (error.code === 'PUBLISHER_NOT_FOUND' || error.code === 'NOT_FOUND')) return undefined;
    throw error;
  }
}

async function adopt(gateway: Gateway, log: OwnLog, upTo: number): Promise<void> {
  while ((log.head?.seq ?? -1) < upTo) {
    const after = log.head?.seq ?? -1;
    const page = await gateway.call(routes.getLog, { params: { id: log.key }, query: { after, limit: pageSize } });
    const records = page.records.map((wire) => verified(wire, log.key));
    if (records.length === 0) throw untrusted(log.key, `said that its log ends at ${upTo} but gives no record after ${after}`);
    let head = log.head;
    for (const record of records) {
      if (!continues(head, record)) throw forked(log, record.fields.seq);
      head = headOf(record);
    }
    await log.append(records);
  }
}

function verified(wire: Parameters<typeof fromWire>[0], key: KeyId): VerifiedRecord {
  let record: VerifiedRecord;
  try {
    record = verify(fromWire(wire));
  } catch (cause) {
    throw untrusted(key, 'gave a record that does not verify', cause);
  }
  if (record.key !== key) throw untrusted(key, `gave a record of ${record.key} instead`);
  return record;
}

async function compare(log: OwnLog, head: { readonly seq: number; readonly hash: string }): Promise<void> {
  const [own] = await log.read(head.seq, 1);
  if (own === undefined || toHex(own.hash) !== head.hash) throw forked(log, head.seq);
}

function untrusted(key: KeyId, why: string, cause?: unknown): SoukError {
  return new SoukError('UNTRUSTED_ANSWER', `Asked for the log of ${key}, the site ${why}.`, { details: { key }, cause });
}

function forked(log: OwnLog, seq: number): SoukError {
  return new SoukError('FORKED_LOG', `The log of ${log.key} has split: this computer and the site hold different records ${seq}, both signed by that key.`, {
    hint:
      'That happens when two copies of SOUK_HOME publish. Nothing was sent. If the other copy is right, move the file ' +
      `${log.key}.jsonl out of SOUK_HOME/logs here and publish again: the site's log is then adopted, and what only this computer signed has to be published anew under new versions.`,
    details: { key: log.key, seq },
  });
}

/** The newest records of the publisher's other device keys, for their clocks; only keys that our own root log delegated are believed. */
async function siblingRecords(gateway: Gateway, doc: PublisherDoc, roots: readonly OwnLog[], device: OwnLog): Promise<VerifiedRecord[]> {
  const delegated = new Set<KeyId>();
  for (const root of roots) for (const fact of (await root.read(0, root.length)).map(readFact)) if (fact?.kind === 'delegate') delegated.add(fact.body.key);
  const found: VerifiedRecord[] = [];
  for (const { key, head } of doc.keys) {
    if (key === device.key || head === undefined || !delegated.has(key)) continue;
    const { records } = await gateway.call(routes.getLog, { params: { id: key }, query: { after: head.seq - 1, limit: 1 } });
    found.push(...records.map((wire) => verified(wire, key)));
  }
  return found;
}
