import { expect, test } from '@jest/globals';
import { SharedRanges } from '../node/shared-ranges.ts';
import { scoreParams } from './score-params.ts';

test('reputation moves a score both ways and means nothing when it is unknown', () => {
  const score = (value: number): number => scoreParams({ sharedRanges: new SharedRanges([]), rank: () => value }).appSpecificScore?.('peer') ?? Number.NaN;
  expect([score(0), score(0.5), score(1)]).toEqual([-0.5, 0, 0.5]);
});
