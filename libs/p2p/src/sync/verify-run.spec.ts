import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { InlineRecordVerifier } from '@souk/domain';
import { LogWriter } from '@souk/testing/builders';
import { toFrame } from './frame-record.ts';
import { verifyRun } from './verify-run.ts';

const verifier = new InlineRecordVerifier(nextTurn);

function written(name: string, count: number): LogWriter {
  const writer = new LogWriter(name);
  for (let index = 0; index < count; index++) writer.writeBytes('note', Uint8Array.of(1));
  return writer;
}

test('a run is sound up to the first record that is of another log, of another seq or not signed', async () => {
  const [ada, eve] = [written('ada', 5), written('eve', 5)];
  const frames = ada.records.slice(1).map(toFrame);
  const place = { key: ada.key, from: 1 };
  expect(await verifyRun(frames, place, verifier)).toEqual({ records: ada.records.slice(1) });
  const foreign = toFrame(eve.records[3] as (typeof eve.records)[number]);
  const gap = [frames[0], frames[2]] as typeof frames;
  const unsigned = [...frames.slice(0, 3), { ...(frames[3] as (typeof frames)[number]), signature: new Uint8Array(64) }];
  expect(await verifyRun([...frames.slice(0, 2), foreign, ...frames.slice(3)], place, verifier)).toMatchObject({ records: { length: 2 }, problem: { code: 'BAD_RECORD' }, culprit: foreign });
  expect(await verifyRun(gap, place, verifier)).toMatchObject({ records: { length: 1 }, problem: { code: 'BAD_RECORD' }, culprit: frames[2] });
  expect(await verifyRun(unsigned, place, verifier)).toMatchObject({ records: { length: 3 }, problem: { code: 'BAD_SIGNATURE' }, culprit: unsigned[3] });
});
