import { expect, test } from '@jest/globals';
import { parseCommandLine } from './command-line.ts';

test.each([
  [[], { replicas: 1, jsonLog: false, help: false }],
  [['--replicas', '3', '--json-log'], { replicas: 3, jsonLog: true, help: false }],
  [['--peers', '2'], { replicas: 1, peers: 2, jsonLog: false, help: false }],
  [['--replicas=16', '-h'], { replicas: 16, jsonLog: false, help: true }],
])('%j is understood', (words, expected) => {
  expect(parseCommandLine(words)).toEqual(expected);
});

test.each([['--replicas', '0'], ['--replicas', '17'], ['--replicas', '1.5'], ['--replicas', 'two'], ['--peers', '0'], ['--replicas'], ['--replica', '2'], ['search']])('%s %s is refused, with what shows more', (...words) => {
  expect(() => parseCommandLine(words.filter((word) => word !== undefined))).toThrow(expect.objectContaining({ code: 'BAD_REQUEST', hint: expect.stringContaining('--help') }));
});
