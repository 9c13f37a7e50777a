import { expect, test } from '@jest/globals';
import { isSoukError, toErrorBody } from '../errors/index.ts';
import { resolutionError } from './resolution.ts';
import { resolve } from './resolve.ts';
import { parseUniverse } from './resolve-files.ts';

type Releases = Record<string, Record<string, Record<string, string> | 'yanked'>>;

/** What is said of a root that can't be resolved; releases are name to version to dependencies. */
function refused(releases: Releases, root: Record<string, string>) {
  const file = Object.entries(releases).map(([name, versions]) => [
    name,
    Object.fromEntries(Object.entries(versions).map(([version, dependencies]) => [version, dependencies === 'yanked' ? { yanked: true } : { dependencies }])),
  ]);
  const answer = resolve(parseUniverse(Object.fromEntries(file)), { requirements: Object.entries(root).map(([name, range]) => ({ name, range })) });
  if (answer.ok) throw new Error('it was resolved');
  return answer;
}

test('a conflict below a package', () => {
  const answer = refused({ a: { '1.0.0': { b: '^2.0.0' }, '1.1.0': { b: '^2.0.0' } }, b: { '1.0.0': {}, '2.0.0': {} } }, { a: '^1.0.0', b: '^1.0.0' });
  expect(answer.code).toBe('UNSATISFIABLE');
  expect(answer.explanation).toBe(
    'Because every version of a requires b ^2.0.0 and root requires b ^1.0.0, no version of a can be used.\n' + 'And because root requires a ^1.0.0, what root requires cannot be met.',
  );
  expect(answer.details.requirements).toEqual([
    { by: 'a', versions: '1.0.0 to 1.1.0', name: 'b', range: '^2.0.0' },
    { by: 'root', name: 'b', range: '^1.0.0' },
    { by: 'root', name: 'a', range: '^1.0.0' },
  ]);
});

test('two packages that disagree about a third', () => {
  const answer = refused({ a: { '1.0.0': { shared: '^1.0.0' } }, b: { '1.0.0': { shared: '^2.0.0' } }, shared: { '1.0.0': {}, '2.0.0': {} } }, { a: '*', b: '*' });
  expect(answer.explanation).toBe(
    'Because a 1.0.0 requires shared ^1.0.0 and b 1.0.0 requires shared ^2.0.0, a 1.0.0 and b 1.0.0 cannot be used together.\n' +
      'And because root requires b *, a 1.0.0 cannot be used.\n' +
      'And because root requires a *, what root requires cannot be met.',
  );
});

test('two versions that fail for different reasons: conclusions that are used later have numbers', () => {
  const answer = refused(
    {
      foo: { '1.0.0': { a: '^1.0.0', b: '^1.0.0' }, '1.1.0': { x: '^1.0.0', y: '^1.0.0' } },
      a: { '1.0.0': { b: '^2.0.0' } },
      b: { '1.0.0': {}, '2.0.0': {} },
      x: { '1.0.0': { y: '^2.0.0' } },
      y: { '1.0.0': {}, '2.0.0': {} },
    },
    { foo: '^1.0.0' },
  );
  expect(answer.explanation).toBe(
    'Because a 1.0.0 requires b ^2.0.0 and foo 1.0.0 requires b ^1.0.0, a 1.0.0 and foo 1.0.0 cannot be used together.\n' +
      'And because foo 1.0.0 requires a ^1.0.0, foo 1.0.0 cannot be used. (1)\n' +
      'Because x 1.0.0 requires y ^2.0.0 and foo 1.1.0 requires y ^1.0.0, x 1.0.0 and foo 1.1.0 cannot be used together.\n' +
      'And because foo 1.1.0 requires x ^1.0.0, foo 1.1.0 cannot be used.\n' +
      'And because foo 1.0.0 cannot be used (1), no version of foo can be used.\n' +
      'And because root requires foo ^1.0.0, what root requires cannot be met.',
  );
});

test('a name that nobody published, with names like it', () => {
  const answer = refused({ color: { '1.0.0': {} }, colors: { '1.0.0': {} }, debug: { '1.0.0': {} } }, { colour: '^1.0.0', ghost: '*' });
  expect(answer.code).toBe('PACKAGE_NOT_FOUND');
  expect(answer.explanation).toBe('Root requires colour ^1.0.0, but nobody has published colour (did you mean color or colors?).\nRoot requires ghost *, but nobody has published ghost.');
  expect(answer.details.requirements[0]).toEqual({ by: 'root', name: 'colour', range: '^1.0.0', deadEnd: 'not-found', near: ['color', 'colors'] });
});

test('a missing name below a package', () => {
  const answer = refused({ a: { '1.0.0': { clr: '*' }, '2.0.0': { clr: '*' } }, clrs: { '1.0.0': {} } }, { a: '*' });
  expect(answer.code).toBe('PACKAGE_NOT_FOUND');
  expect(answer.explanation).toBe('Because every version of a requires clr *, but nobody has published clr (did you mean clrs?), and root requires a *, what root requires cannot be met.');
});

test('a missing name beside a conflict is a conflict', () => {
  const answer = refused({ a: { '1.0.0': { b: '^2.0.0' }, '2.0.0': { ghost: '*' } }, b: { '1.0.0': {}, '2.0.0': {} } }, { a: '*', b: '^1.0.0' });
  expect(answer.code).toBe('UNSATISFIABLE');
  expect(answer.explanation).toContain('nobody has published ghost');
});

test.each([
  [{ '1.0.0': {}, '1.1.0': {} }, '^2.0.0', 'Root requires a ^2.0.0, but a has only versions 1.0.0 to 1.1.0.'],
  [{ '1.0.0': {} }, '^2.0.0', 'Root requires a ^2.0.0, but a has only 1.0.0.'],
  [{ '1.0.0': {}, '2.0.0': 'yanked' as const }, '^2.0.0', 'Root requires a ^2.0.0, but a 2.0.0 was yanked.'],
  [{ '2.0.0': 'yanked' as const, '2.1.0': 'yanked' as const }, '*', 'Root requires a *, but a 2.0.0 and 2.1.0 were yanked.'],
  [{ '1.0.0': {}, '2.0.0-rc.1': {} }, '>1.0.0', 'Root requires a >1.0.0, but only pre-releases of a match, such as 2.0.0-rc.1, and a range must ask for them.'],
  [{}, '*', 'Root requires a *, but a has no versions.'],
  [{ '1.0.0': {} }, 'next', 'Root requires a "next", which is not a version range.'],
])('no version fits: %j %s', (versions, range, text) => {
  expect(refused({ a: versions }, { a: range })).toMatchObject({ code: 'UNSATISFIABLE', explanation: text });
});

test('an address instead of a range', () => {
  const answer = refused({ a: { '1.0.0': { b: 'git+https://example.org/b.git' } }, b: { '1.0.0': {} } }, { a: '^1.0.0' });
  expect(answer.explanation).toBe('Because a 1.0.0 requires b "git+https://example.org/b.git", which is not a version range, and root requires a ^1.0.0, what root requires cannot be met.');
  expect(answer.details.requirements[0]).toMatchObject({ by: 'a', name: 'b', deadEnd: 'not-a-range' });
});

test('versions that are not neighbours are listed, and many of them are counted', () => {
  const versions = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`${at + 1}.0.0`, { [at % 2 === 0 ? 'b' : 'c']: '^2.0.0' }]));
  const { explanation } = refused({ a: versions, b: { '1.0.0': {}, '2.0.0': {} }, c: { '1.0.0': {}, '2.0.0': {} } }, { a: '*', b: '^1.0.0', c: '^1.0.0' });
  expect(explanation).toContain('a 3 older versions, 7.0.0, 9.0.0 and 11.0.0 requires b ^2.0.0');
});

test('texts of strangers stay on their line and short', () => {
  const { explanation } = refused({ a: { '1.0.0': { b: `x\n\u001b[31m${'y'.repeat(1000)}` } } }, { a: '*' });
  expect(explanation).toMatch(/^Because a 1\.0\.0 requires b "x {2}\[31my{73}…", which/);
  expect(explanation.split('\n')).toHaveLength(1);
});

test('as an error it keeps within what an error may carry', () => {
  const chain = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`package-${at}`, { '1.0.0': { [`package-${at + 1}`]: at === 299 ? '^9.0.0' : '*' } }]));
  const error = resolutionError(refused({ ...chain, 'package-300': { '1.0.0': {} } }, { 'package-0': '*' }));
  expect(isSoukError(error)).toBe(true);
  const body = toErrorBody(error);
  expect(body.code).toBe('UNSATISFIABLE');
  expect(body.message.length).toBeLessThan(8192);
  expect(body.message).toContain('more steps)');
  expect(body.details?.['requirements']).toHaveLength(100);
});
