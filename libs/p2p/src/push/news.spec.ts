import { expect, test } from '@jest/globals';
import { maxPushed, PushFrame } from '@souk/contracts';
import { decodeCbor } from '@souk/domain';
import { LogWriter } from '@souk/testing';
import { News } from './news.ts';

const writer = new LogWriter('novelist');
const records = Array.from({ length: maxPushed + 1 }, () => writer.writeBytes('note', new Uint8Array([0x59, 0x03, 0xe8, ...new Uint8Array(1000)])));

/** The frames that a reader gets from a place on, as their types. */
function readBy(news: News, reader: string, from: number): string[] {
  const frames: string[] = [];
  for (let step = news.at(from, reader); step; step = news.at(step.next, reader)) frames.push(step.payload ? PushFrame.parse(decodeCbor(step.payload)).t : 'behind');
  return frames;
}

test('everybody reads everything, but for what it brought itself', () => {
  const news = new News(1_000_000);
  news.add(records.slice(0, 2), 'ada', undefined);
  news.add(records.slice(2, 3), undefined, undefined);
  expect(['ada', 'bob'].map((reader) => readBy(news, reader, 0))).toEqual([['records'], ['records', 'records']]);
  expect(news.at(news.end, 'bob')).toBeUndefined();
});

test('however much comes, no more is kept than there is room for, and whoever was too slow is told once', () => {
  const news = new News(10_000);
  for (let turn = 0; turn < 100; turn += 1) news.add(records.slice(0, 1), undefined, undefined);
  expect(news.bytes).toBeLessThanOrEqual(10_000);
  expect(news.bytes).toBeGreaterThan(5000);
  expect(readBy(news, 'slow', 0)).toEqual(['behind']);
  expect(readBy(news, 'quick', news.end - 2)).toEqual(['records', 'records']);
});

test('of more records than are pushed at once, only that there are some is told, and not for each arrival', () => {
  const news = new News(1_000_000);
  for (let turn = 0; turn < 50; turn += 1) news.add(records, undefined, undefined);
  expect(readBy(news, 'bob', 0)).toEqual(['behind']);
  expect(news.bytes).toBe(0);
  news.stop();
});

test('records of the largest size are pushed in frames of their own', () => {
  const news = new News(10_000_000);
  const long = new LogWriter('long-winded');
  const body = new Uint8Array(65_536);
  body.set([0x59, 0xff, 0xfd]);
  news.add(Array.from({ length: 10 }, () => long.writeBytes('essay', body)), undefined, undefined);
  expect(readBy(news, 'bob', 0)).toEqual(['records', 'records', 'records', 'records']);
});

test('who follows some logs gets their records alone, also out of frames that have others too', () => {
  const [ada, bob] = [new LogWriter('ada'), new LogWriter('bob')];
  const [one, two, three] = [ada.writeBytes('note', Uint8Array.of(0xa0)), bob.writeBytes('note', Uint8Array.of(0xa0)), ada.writeBytes('note', Uint8Array.of(0xa0))];
  const news = new News(1_000_000);
  news.add([one], undefined, undefined);
  news.add([two], undefined, undefined);
  news.add([two, three], undefined, undefined);
  const got: Uint8Array[][] = [];
  for (let step = news.at(0, 'leaf', new Set([ada.key])); step; step = news.at(step.next, 'leaf', new Set([ada.key]))) {
    const frame = PushFrame.parse(decodeCbor(step.payload as Uint8Array));
    got.push(frame.t === 'records' ? frame.records.map((record) => record.header) : []);
  }
  expect(got).toEqual([[one.header], [three.header]]);
  expect(news.at(0, 'leaf', new Set())).toBeUndefined();
});
