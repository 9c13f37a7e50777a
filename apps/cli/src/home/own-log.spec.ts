import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { LogWriter } from '@souk/testing/builders';
import { openOwnLog } from './own-log.ts';

let folder: string;
let writer: LogWriter;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'souk-log-'));
  writer = new LogWriter('ada');
  for (let seq = 0; seq < 5; seq += 1) writer.writeBytes('note', new Uint8Array(1000).fill(seq));
  path = join(folder, `${writer.key}.jsonl`);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('what was appended is read again, any part of it, by whoever opens the log next', async () => {
  const first = await openOwnLog(folder, writer.key);
  expect([first.length, first.head, first.clock]).toEqual([0, undefined, 0]);
  await first.append(writer.records.slice(0, 2));
  await first.append(writer.records.slice(2, 4));
  for (const log of [first, await openOwnLog(folder, writer.key)]) {
    expect([log.length, log.head?.seq, log.clock]).toEqual([4, 3, writer.records[3]?.fields.clock]);
    expect(await log.read(0, 10)).toEqual(writer.records.slice(0, 4));
    expect(await log.read(1, 2)).toEqual(writer.records.slice(1, 3));
    expect(await log.read(4, 1)).toEqual([]);
    expect(await log.read(-1, 1)).toEqual([]);
  }
});

test('what does not continue the log is refused and changes nothing', async () => {
  const log = await openOwnLog(folder, writer.key);
  await log.append(writer.records.slice(0, 2));
  const before = readFileSync(path);
  for (const wrong of [writer.records.slice(3), writer.records.slice(1), [...writer.records.slice(2, 3), ...writer.records.slice(4)]]) await expect(log.append(wrong)).rejects.toMatchObject({ code: 'FORKED_LOG' });
  expect(readFileSync(path).equals(before)).toBe(true);
  await log.append(writer.records.slice(2));
  expect(log.length).toBe(5);
});

test('records that are taken back are gone, and others can take their place', async () => {
  const log = await openOwnLog(folder, writer.key);
  await log.append(writer.records);
  await log.withdraw(5);
  await log.withdraw(2);
  expect([log.length, log.head?.seq, log.clock]).toEqual([2, 1, writer.records[1]?.fields.clock]);
  await log.append(writer.records.slice(2, 3));
  expect(await (await openOwnLog(folder, writer.key)).read(0, 10)).toEqual(writer.records.slice(0, 3));
  await log.withdraw(0);
  expect([log.length, log.head, log.clock]).toEqual([0, undefined, 0]);
});

test('half a line at the end is dropped; a damaged newest line is told of at once, another one when it is read', async () => {
  const log = await openOwnLog(folder, writer.key);
  await log.append(writer.records);
  const whole = readFileSync(path, 'utf8');
  appendFileSync(path, whole.slice(0, 100));
  expect((await openOwnLog(folder, writer.key)).length).toBe(5);
  expect(readFileSync(path, 'utf8')).toBe(whole);
  const lines = whole.split('\n');
  const damaged = (at: number, line: string): void => writeFileSync(path, lines.map((one, index) => (index === at ? line : one)).join('\n'));
  damaged(4, '{}');
  await expect(openOwnLog(folder, writer.key)).rejects.toMatchObject({ code: 'STORAGE_CORRUPT', details: { path, line: 5 } });
  for (const line of ['{}', lines[2] ?? '', (lines[1] ?? '').replace('A', 'B')]) {
    damaged(1, line);
    const open = await openOwnLog(folder, writer.key);
    await expect(open.read(0, 5)).rejects.toMatchObject({ code: 'STORAGE_CORRUPT', details: { line: 2 } });
    expect(await open.read(3, 2)).toEqual(writer.records.slice(3));
  }
  writeFileSync(path, `${lines.slice(1).join('\n')}`);
  await expect(openOwnLog(folder, writer.key)).rejects.toMatchObject({ code: 'STORAGE_CORRUPT' });
});
