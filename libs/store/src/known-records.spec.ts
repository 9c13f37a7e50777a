import { expect, test } from '@jest/globals';
import type { StoredRecord } from '@souk/domain';
import { LogWriter } from '@souk/testing';
import { KnownRecords } from './known-records.ts';
import type { RecordRow } from './log-tables.ts';

function stored(count: number, bytes: number): StoredRecord[] {
  const writer = new LogWriter('ada');
  return Array.from({ length: count }, (_, at) => ({ record: writer.writeBytes('note', new Uint8Array(bytes).fill(at)), arrival: at + 1, firstSeen: 5 }));
}

const rowOf = ({ record, arrival, firstSeen }: StoredRecord): RecordRow => ({ arrival, hash: record.hash, header: record.header, signature: record.signature, first_seen: firstSeen, body: record.body ?? null });

test('records are remembered by their arrival, all of a list or none', () => {
  const known = new KnownRecords();
  const [one, two, three] = stored(3, 10) as [StoredRecord, StoredRecord, StoredRecord];
  known.add(one);
  known.add(two);
  expect(known.all([2, 1])).toEqual([two, one]);
  expect(known.all([1, 3])).toBeUndefined();
  expect(known.all([])).toEqual([]);
  known.add(three);
  known.forget(2);
  known.forget(2);
  expect(known.all([1, 2, 3])).toBeUndefined();
  expect(known.all([1, 3])).toEqual([one, three]);
});

test('a row that is not the record it was is not taken for it', () => {
  const known = new KnownRecords();
  const [one, two] = stored(2, 10) as [StoredRecord, StoredRecord];
  known.add(one);
  const row = rowOf(one);
  expect(known.of(row)).toBe(one.record);
  for (const changed of [{ hash: two.record.hash }, { header: two.record.header }, { body: two.record.body ?? null }, { body: null }, { arrival: 2 }]) expect(known.of({ ...row, ...changed })).toBeUndefined();
});

test('of many only the newest are remembered, so that they take 1 MiB at most', () => {
  const known = new KnownRecords();
  const many = stored(100, 60_000);
  for (const one of many) known.add(one);
  const kept = many.filter(({ arrival }) => known.all([arrival]) !== undefined);
  expect(kept.length).toBeGreaterThan(14);
  expect(kept.length).toBeLessThan(18);
  expect(kept).toEqual(many.slice(-kept.length));
});
