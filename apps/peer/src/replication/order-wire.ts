import type { OrderPage, WireMark } from '@souk/contracts';
import { fromHex, fromWire, toHex, toWire, verify, type OrderMark, type OrderSlice, type StoredRecord } from '@souk/domain';
import { MessageBudget } from '../message-budget.ts';
import { Pace } from '../pace.ts';

/** The JSON form of a mark. */
export function toWireMark({ arrival, hash, writers, forks }: OrderMark): WireMark {
  return { arrival, writers, forks, ...(hash ? { hash: toHex(hash) } : {}) };
}

/** A mark from its JSON form. */
export function fromWireMark({ arrival, hash, writers, forks }: WireMark): OrderMark {
  return { arrival, writers, forks, hash: hash === undefined ? undefined : fromHex(hash) };
}

function taken<T, W>(values: readonly T[], wire: (value: T) => W, budget: MessageBudget): W[] {
  const fits: W[] = [];
  for (const value of values) {
    const one = wire(value);
    if (!budget.takes(one)) break;
    fits.push(one);
  }
  return fits;
}

/** As much of a slice as fits into one message. Writers go first, because they must be known before their records count. */
export function toPage({ after, records, writers, forks }: OrderSlice): OrderPage {
  const budget = new MessageBudget();
  const keys = taken(writers, (key) => key, budget);
  const some = taken(records, ({ record, firstSeen }) => ({ record: toWire(record), firstSeen }), budget);
  return { after: toWireMark(after), writers: keys, records: some, forks: some.length < records.length ? [] : taken(forks, toWire, budget) };
}

/** A slice from a page of a sibling; every record is verified once more. Throws BAD_RECORD, BAD_SIGNATURE, UPGRADE_NEEDED. */
export async function fromPage(page: OrderPage): Promise<OrderSlice> {
  const pace = new Pace();
  const after = fromWireMark(page.after);
  const records: StoredRecord[] = [];
  for (const [index, { record, firstSeen }] of page.records.entries()) {
    records.push({ record: verify(fromWire(record)), firstSeen, arrival: after.arrival + 1 + index });
    await pace.step();
  }
  return { after, records, writers: page.writers, forks: page.forks.map((one) => verify(fromWire(one))) };
}

/** Whether a page brings nothing. */
export function isEmptyPage({ records, writers, forks }: Readonly<Record<'records' | 'writers' | 'forks', readonly unknown[]>>): boolean {
  return records.length + writers.length + forks.length === 0;
}

/** Whether a store that is at `mark` has everything that another one of its order had at `target`. */
export function covers(mark: OrderMark, target: OrderMark): boolean {
  return mark.arrival >= target.arrival && mark.writers >= target.writers && mark.forks >= target.forks;
}
