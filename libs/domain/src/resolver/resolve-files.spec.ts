import { expect, test } from '@jest/globals';
import { SoukError } from '../errors/souk-error.ts';
import { answerOf, parseRoot, parseUniverse, ResolveAnswer } from './resolve-files.ts';
import { resolve } from './resolve.ts';

function errorOf(run: () => unknown): SoukError {
  try {
    run();
  } catch (error) {
    if (error instanceof SoukError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

test('reads a universe and a root, and writes an answer', () => {
  const universe = parseUniverse({ a: { '1.0.0': { dependencies: { b: '^1' } }, '2.0.0': { yanked: true } }, b: { '1.0.0': {}, '1.2.0': {} } });
  expect(answerOf(resolve(universe, parseRoot({ dependencies: { a: '' } })))).toEqual({ ok: true, packages: { a: '1.0.0', b: '1.2.0' } });
  expect(answerOf(resolve(universe, parseRoot({ dependencies: { a: 'latest' }, locked: { a: '2.0.0' } })))).toEqual({ ok: true, packages: { a: '2.0.0' } });
  const refused = answerOf(resolve(universe, parseRoot({ dependencies: { a: '^3' } })));
  expect(refused).toEqual({ ok: false, code: 'UNSATISFIABLE', explanation: 'Root requires a ^3, but a has only 1.0.0.' });
  expect(ResolveAnswer.parse(refused)).toEqual(refused);
  expect([...(universe.names?.() ?? [])]).toEqual(['a', 'b']);
});

test('gives out the same list each time, so that what was parsed is kept', () => {
  const universe = parseUniverse({ a: { '1.0.0': {} } });
  expect(universe.versions('a')).toBe(universe.versions('a'));
  expect(universe.versions('toString')).toBeUndefined();
});

test.each([
  [[], 'universe'],
  [null, 'universe'],
  [{ a: [] }, 'a'],
  [{ a: { '1.0': {} } }, 'a.1.0'],
  [{ a: { 'v1.0.0': {} } }, 'a.v1.0.0'],
  [{ a: { '1.0.0': { dependencies: { b: 1 } } } }, 'a.1.0.0.dependencies.b'],
  [{ a: { '1.0.0': { yanked: 'yes' } } }, 'a.1.0.0.yanked'],
  [{ constructor: { '1.0.0': {} } }, 'constructor'],
])('refuses the universe %j', (json, field) => {
  const error = errorOf(() => parseUniverse(json));
  expect(error.code).toBe('BAD_REQUEST');
  expect(error.details?.['problems']).toEqual([{ field, problem: expect.any(String) }]);
});

test.each([[{}], [{ dependencies: [] }], [{ dependencies: { a: null } }], [{ dependencies: {}, locked: { a: '^1' } }], ['x']])('refuses the root %j', (json) => {
  expect(errorOf(() => parseRoot(json)).code).toBe('BAD_REQUEST');
});

test('refuses a root with what is no range, and names all of it', () => {
  const error = errorOf(() => parseRoot({ dependencies: { a: 'next', b: '^1', c: 'file:../c' } }));
  expect(error).toMatchObject({ code: 'BAD_RANGE', message: 'The root requires what is not a version range: a "next", c "file:../c".' });
});
