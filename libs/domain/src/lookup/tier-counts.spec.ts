import { expect, test } from '@jest/globals';
import { recentMs, TierCounts } from './tier-counts.ts';

test('tiers are listed in the order of a lookup, with what was asked since the beginning and lately', () => {
  const counts = new TierCounts();
  const began = 1_767_225_600_000;
  expect(counts.lines(began)).toEqual([]);
  counts.asked('super', true, began);
  counts.asked('hot', false, began);
  counts.asked('hot', true, began + recentMs / 2);
  expect(counts.lines(began + recentMs / 2)).toEqual([
    { tier: 'hot', asked: 2, hits: 1, recent: { asked: 2, hits: 1 } },
    { tier: 'super', asked: 1, hits: 1, recent: { asked: 1, hits: 1 } },
  ]);
  expect(counts.lines(began + recentMs)).toMatchObject([{ tier: 'hot', recent: { asked: 1, hits: 1 } }, { tier: 'super', recent: { asked: 0, hits: 0 } }]);
  counts.asked('hot', false, began + 3 * recentMs);
  expect(counts.lines(began + 3 * recentMs)).toMatchObject([{ tier: 'hot', asked: 3, hits: 1, recent: { asked: 1, hits: 0 } }, { tier: 'super', recent: { asked: 0, hits: 0 } }]);
});
