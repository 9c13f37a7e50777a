import { expect, test } from '@jest/globals';
import { plantedScenario } from '../testing/planted-scenario.ts';
import { selectScenarios } from './select-scenarios.ts';

const all = ['first/search', 'first/publish-ack', 'search/tag/100', 'search/fuzzy/1000', 'cli/search'].map((name) => plantedScenario({ name }));
const chosen = (...globs: string[]): string[] => selectScenarios(all, globs).map(({ name }) => name);

test.each([
  [[], ['first/search', 'first/publish-ack', 'search/tag/100', 'search/fuzzy/1000', 'cli/search']],
  [['first/*'], ['first/search', 'first/publish-ack']],
  [['*/search'], ['first/search', 'cli/search']],
  [['search/{tag,fuzzy}/*'], ['search/tag/100', 'search/fuzzy/1000']],
  [['search/**'], ['search/tag/100', 'search/fuzzy/1000']],
  [['cli/search', 'first/search'], ['first/search', 'cli/search']],
])('%j selects %j', (globs, names) => {
  expect(chosen(...globs)).toEqual(names);
});

test('a star stays in its part of the name', () => {
  expect(() => chosen('search/*')).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
});

test('a glob that matches nothing is refused with the names there are, also beside one that matches', () => {
  expect(() => chosen('first/*', 'frist/*')).toThrow(expect.objectContaining({ code: 'BAD_REQUEST', message: 'No scenario matches frist/*.', hint: expect.stringContaining('first/publish-ack') }));
});

test('a scenario that serves several names is chosen by any of them, once', () => {
  const shared = [plantedScenario({ name: 'dht-lookup/10' }), plantedScenario({ name: 'dht-put/10' })].map((one) => (one.name === 'dht-lookup/10' ? { ...one, alsoCalled: ['dht-get/10', 'scale-lookup/10'] } : one));
  const names = (...globs: string[]): string[] => selectScenarios(shared, globs).map(({ name }) => name);
  expect([names('scale-*/10'), names('dht-get/*', 'dht-lookup/*'), names('dht-*/10')]).toEqual([['dht-lookup/10'], ['dht-lookup/10'], ['dht-lookup/10', 'dht-put/10']]);
});
