import { expect, test } from '@jest/globals';
import type { Machine } from './machine.ts';
import { reportText, shownFigure } from './table.ts';

const machine: Machine = { cpu: 'A CPU', cores: 2, memoryGiB: 8, os: 'Linux 6', node: '24.0.0', commit: 'abc', load: 0.1 };

test.each([
  [undefined, '-'],
  [0.012345, '0.0123'],
  [9.876, '9.88'],
  [99.96, '100'],
  [1234.5, '1235'],
])('%p is shown as %s', (value, shown) => {
  expect(shownFigure(value)).toBe(shown);
});

test('a machine that had other work to do is named in the report, a quiet one is not', () => {
  expect(reportText([], machine, false)).not.toContain('BUSY');
  expect(reportText([], { ...machine, load: 7.2 }, false)).toContain('THE MACHINE WAS BUSY before the run (load 7.2 on 2 cores)');
});
