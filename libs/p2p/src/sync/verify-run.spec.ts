import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { InlineRecordVerifier } from '@souk/domain';
import { LogWriter } from '@souk/testing/builders';
import { toFrame } from './frame-record.ts';
import { checkRuns, verifyRun } from './verify-run.ts';

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

test('runs of many logs are verified at once, and when one is not sound the others still are', async () => {
  const writers = ['ada', 'bob', 'eve'].map((name) => written(name, 3));
  const places = writers.map(({ key }) => ({ key, from: 0 }));
  const runs = writers.map(({ records }) => ({ records: records.map(toFrame) }));
  const sizes: number[] = [];
  const counting = {
    verifyRun: (records: Parameters<typeof verifier.verifyRun>[0]) => {
      sizes.push(records.length);
      return verifier.verifyRun(records);
    },
    close: () => verifier.close(),
  };
  expect(await checkRuns(runs, places, counting)).toEqual(writers.map(({ records }) => ({ records })));
  expect(sizes).toEqual([9]);
  const broken = runs.map(({ records }, index) => ({ records: index === 1 ? records.with(1, { ...(records[1] as (typeof records)[number]), signature: new Uint8Array(64) }) : records }));
  expect((await checkRuns(broken, places, counting)).map((run) => [run.records.length, run.problem?.code])).toEqual([[3, undefined], [1, 'BAD_SIGNATURE'], [3, undefined]]);
  const swapped = [runs[1], runs[0], runs[2]] as typeof runs;
  expect((await checkRuns(swapped, places, counting)).map((run) => [run.records.length, run.problem?.code])).toEqual([[0, 'BAD_RECORD'], [0, 'BAD_RECORD'], [3, undefined]]);
});
