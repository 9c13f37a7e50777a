import { expect, test } from '@jest/globals';
import { author } from '@souk/testing/builders';
import { blobCid, sha256Of } from '../id/cid.ts';
import { absentMs, Absences } from './absences.ts';
import { auditShare, isAudited, nextLookupStep, type LookupProgress } from './plan.ts';

const start: LookupProgress = { found: 0, supersLeft: 3, supersAsked: 0, peersAsked: false, dhtAsked: false };

const steps: [string, Partial<LookupProgress>, ReturnType<typeof nextLookupStep>][] = [
  ['a super-peer comes first', {}, 'super'],
  ['two providers are enough', { supersAsked: 1, found: 2 }, 'done'],
  ['with one provider a second super-peer is asked', { supersAsked: 1, found: 1 }, 'super'],
  ['with none too', { supersAsked: 1 }, 'super'],
  ['never a third', { supersAsked: 2, found: 1 }, 'done'],
  ['then linked peers', { supersAsked: 2 }, 'peers'],
  ['then the DHT', { supersAsked: 2, peersAsked: true }, 'dht'],
  ['then nobody', { supersAsked: 2, peersAsked: true, dhtAsked: true }, 'done'],
  ['without super-peers linked peers come first', { supersLeft: 0 }, 'peers'],
  ['the only super-peer is asked once', { supersLeft: 0, supersAsked: 1, found: 1 }, 'done'],
];

test.each(steps)('%s', (_what, progress, step) => {
  expect(nextLookupStep({ ...start, ...progress })).toBe(step);
});

test('one answer in a hundred is audited', () => {
  expect(Array.from({ length: 1000 }, (_, at) => isAudited(at / 1000)).filter(Boolean)).toHaveLength(1000 * auditShare);
});

test('nobody is believed to have a blob for 5 s, or until a release names it', () => {
  const absences = new Absences();
  const [a, b] = ['a', 'b'].map((name) => blobCid(sha256Of(new TextEncoder().encode(name)))) as [never, never];
  absences.note(a, 0);
  absences.note(b, 0);
  expect([absences.has(a, absentMs - 1), absences.has(a, absentMs)]).toEqual([true, false]);
  const writer = author('ana');
  absences.newRecords(writer.records);
  expect(absences.has(a, 1)).toBe(true);
  absences.newRecords([writer.releases('kit', '1.0.0', { blob: new TextEncoder().encode('a') })]);
  expect([absences.has(a, 1), absences.has(b, 1)]).toEqual([false, true]);
});

test('absences are bounded: the oldest give way', () => {
  const absences = new Absences();
  const cids = Array.from({ length: 1001 }, (_, at) => blobCid(sha256Of(Uint8Array.of(at >> 8, at))));
  for (const cid of cids) absences.note(cid, 0);
  expect(cids.filter((cid) => absences.has(cid, 1))).toHaveLength(1000);
  expect(absences.has(cids[0] as never, 1)).toBe(false);
});
