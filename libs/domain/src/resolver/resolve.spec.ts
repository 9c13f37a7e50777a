import { expect, test } from '@jest/globals';
import { resolve } from './resolve.ts';
import type { Resolution } from './resolution.ts';
import type { Candidate, Requirement, Universe } from './universe.ts';

/** `b ^2, c *` as requirements. */
function wants(text: string): Requirement[] {
  return text === '' ? [] : text.split(', ').map((one) => ({ name: one.slice(0, one.indexOf(' ')), range: one.slice(one.indexOf(' ') + 1) }));
}

/** A universe from lines such as `{ 'a 1.0.0': 'b ^2, c *' }`; a version with `!` is yanked. */
function published(lines: Readonly<Record<string, string>>): Universe {
  const packages = new Map<string, Candidate[]>();
  for (const [release, requirements] of Object.entries(lines)) {
    const [name = '', version = ''] = release.split(' ');
    const yanked = version.endsWith('!');
    packages.set(name, [...(packages.get(name) ?? []), { version: version.replace('!', ''), requirements: wants(requirements), yanked }]);
  }
  return { versions: (name) => packages.get(name) };
}

function resolved(lines: Readonly<Record<string, string>>, root: string, locked?: Record<string, string>): Resolution {
  return resolve(published(lines), { requirements: wants(root), locked });
}

function expectResolves(lines: Readonly<Record<string, string>>, root: string, packages: Record<string, string>, locked?: Record<string, string>): void {
  expect(resolved(lines, root, locked)).toEqual({ ok: true, packages });
}

test('nothing required is nothing chosen', () => {
  expectResolves({ 'a 1.0.0': '' }, '', {});
});

test('the newest version that fits is chosen, for the root and below', () => {
  expectResolves({ 'a 1.0.0': '', 'a 1.9.0': 'b <2.0.0', 'a 1.10.0': 'b ^1.0.0', 'a 2.0.0': '', 'b 1.0.0': '', 'b 1.4.2': '', 'b 2.0.0': '' }, 'a ^1.0.0', { a: '1.10.0', b: '1.4.2' });
});

test('two who require one package agree on one version', () => {
  expectResolves({ 'a 1.0.0': 'c >=1.0.0', 'b 1.0.0': 'c <2.0.0', 'c 1.0.0': '', 'c 1.5.0': '', 'c 2.0.0': '' }, 'a *, b *', { a: '1.0.0', b: '1.0.0', c: '1.5.0' });
});

test('an older version is chosen when the newest leads nowhere', () => {
  expectResolves({ 'a 1.0.0': '', 'a 2.0.0': 'b ^2.0.0', 'b 1.0.0': '', 'b 2.0.0': '' }, 'a *, b ^1.0.0', { a: '1.0.0', b: '1.0.0' });
  expectResolves({ 'a 1.0.0': '', 'a 2.0.0': 'gone *' }, 'a *', { a: '1.0.0' });
  expectResolves({ 'a 1.0.0': '', 'a 2.0.0': 'b git+https://x.org/b.git', 'b 1.0.0': '' }, 'a *', { a: '1.0.0' });
});

test('what an abandoned version required is not in the answer', () => {
  expectResolves({ 'a 1.0.0': '', 'a 2.0.0': 'extra *, b ^2.0.0', 'b 1.0.0': '', 'b 2.0.0': '', 'extra 1.0.0': 'more *', 'more 1.0.0': '' }, 'a *, b ^1.0.0', { a: '1.0.0', b: '1.0.0' });
});

test('the search goes back over packages that have nothing to do with the conflict', () => {
  const lines: Record<string, string> = { 'a 1.0.0': '', 'a 2.0.0': 'z ^2.0.0', 'z 1.0.0': '', 'z 2.0.0': '' };
  for (let one = 0; one < 30; one += 1) for (let version = 1; version <= 8; version += 1) lines[`between-${one} ${version}.0.0`] = '';
  const between = Array.from({ length: 30 }, (_, one) => `between-${one} *`).join(', ');
  const answer = resolve(published(lines), { requirements: wants(`a *, ${between}, z <2.0.0`) }, { maxSteps: 5000 });
  expect(answer).toMatchObject({ ok: true, packages: { a: '1.0.0', z: '1.0.0', 'between-29': '8.0.0' } });
});

test('pre-releases are chosen only when a range names one of the same version', () => {
  const lines = { 'a 1.0.0': '', 'a 2.0.0-beta.1': '', 'a 2.0.0-beta.2': '', 'a 2.1.0-beta.1': '' };
  expectResolves(lines, 'a *', { a: '1.0.0' });
  expectResolves(lines, 'a ^2.0.0-beta.1', { a: '2.0.0-beta.2' });
  expectResolves(lines, 'a 2.0.0-beta.1', { a: '2.0.0-beta.1' });
});

test('a locked version is kept while it fits, and given up when it does not', () => {
  const lines = { 'a 1.0.0': 'b *', 'a 1.1.0': 'b *', 'b 1.0.0': '', 'b 1.1.0': '', 'b 2.0.0': '' };
  expectResolves(lines, 'a ^1.0.0', { a: '1.0.0', b: '1.1.0' }, { a: '1.0.0', b: '1.1.0' });
  expectResolves(lines, 'a ^1.1.0', { a: '1.1.0', b: '1.0.0' }, { a: '1.0.0', b: '1.0.0' });
  expectResolves(lines, 'a *, b ^2.0.0', { a: '1.0.0', b: '2.0.0' }, { a: '1.0.0', b: '1.0.0' });
});

test('a locked version that nobody published, or a package that nobody requires, locks nothing', () => {
  expectResolves({ 'a 1.0.0': '', 'b 1.0.0': '' }, 'a *', { a: '1.0.0' }, { a: '0.9.0', b: '1.0.0', toString: '1.0.0' });
});

test('a yanked version is never chosen unless that very version is locked', () => {
  const lines = { 'a 1.0.0': '', 'a 1.1.0!': '', 'a 1.2.0!': '' };
  expectResolves(lines, 'a *', { a: '1.0.0' });
  expectResolves(lines, 'a *', { a: '1.1.0' }, { a: '1.1.0' });
  expect(resolved(lines, 'a ^1.1.0')).toMatchObject({ ok: false, code: 'UNSATISFIABLE' });
  expect(resolved(lines, 'a ^1.2.0', { a: '1.1.0' })).toMatchObject({ ok: false, code: 'UNSATISFIABLE' });
});

test('packages may require each other in a circle, and themselves', () => {
  expectResolves({ 'a 1.0.0': 'b ^1.0.0', 'b 1.0.0': 'c *', 'c 1.0.0': 'a ^1.0.0' }, 'a *', { a: '1.0.0', b: '1.0.0', c: '1.0.0' });
  expectResolves({ 'a 1.0.0': 'a *' }, 'a *', { a: '1.0.0' });
  expectResolves({ 'a 1.0.0': 'a ^1.0.0', 'a 2.0.0': 'a ^1.0.0' }, 'a *', { a: '1.0.0' });
  expectResolves({ 'a 1.0.0': 'b 1.0.0', 'a 2.0.0': 'b 2.0.0', 'b 1.0.0': 'a 1.0.0', 'b 2.0.0': 'a 1.0.0' }, 'a *', { a: '1.0.0', b: '1.0.0' });
  expect(resolved({ 'a 1.0.0': 'b *', 'b 1.0.0': 'a ^2.0.0' }, 'a *')).toMatchObject({ ok: false, code: 'UNSATISFIABLE' });
});

test('one package may be required twice by one', () => {
  expectResolves({ 'a 1.0.0': '', 'a 1.5.0': '', 'a 2.0.0': '' }, 'a >=1.0.0, a <2.0.0', { a: '1.5.0' });
});

test('names that objects have are names like others', () => {
  expectResolves({ 'valueOf 1.0.0': 'hasOwnProperty *', 'hasOwnProperty 1.0.0': '' }, 'valueOf *', { hasOwnProperty: '1.0.0', valueOf: '1.0.0' });
});

test('no depth is too deep and no width too wide', () => {
  const deep: Record<string, string> = {};
  for (let at = 0; at < 10_000; at += 1) deep[`d${at} 1.0.0`] = `d${(at + 1) % 10_000} ^1.0.0`;
  expect(Object.keys((resolved(deep, 'd0 *') as { packages: object }).packages)).toHaveLength(10_000);
  deep['d9999 1.0.0'] = 'd0 ^2.0.0';
  const answer = resolved(deep, 'd0 *');
  expect(answer).toMatchObject({ ok: false, code: 'UNSATISFIABLE' });
  expect((answer as { explanation: string }).explanation.length).toBeLessThan(8192);
  const wide: Record<string, string> = { 'w 1.0.0': '' };
  for (let at = 0; at < 5000; at += 1) wide[`w${at} 1.0.0`] = 'w *';
  expect(Object.keys((resolved(wide, Array.from({ length: 5000 }, (_, at) => `w${at} *`).join(', ')) as { packages: object }).packages)).toHaveLength(5001);
});

/** n + 1 pigeons in n holes: no solution, and no short proof by resolution (Haken 1985). */
function pigeons(n: number): Universe {
  const lines: Record<string, string> = {};
  for (let pigeon = 1; pigeon <= n + 1; pigeon += 1) {
    for (let hole = 1; hole <= n; hole += 1) {
      lines[`pigeon-${pigeon} ${hole}.0.0`] = `hole-${hole} ${pigeon}.0.0`;
      lines[`hole-${hole} ${pigeon}.0.0`] = '';
    }
  }
  return published(lines);
}

test('a question that is too hard is given up with the packages that made it so', () => {
  const requirements = (n: number) => Array.from({ length: n + 1 }, (_, at) => ({ name: `pigeon-${at + 1}`, range: '*' }));
  expect(resolve(pigeons(4), { requirements: requirements(4) })).toMatchObject({ ok: false, code: 'UNSATISFIABLE' });
  const answer = resolve(pigeons(12), { requirements: requirements(12) }, { maxSteps: 200_000 });
  expect(answer).toMatchObject({ ok: false, code: 'RESOLUTION_TOO_HARD', details: { hardest: [expect.any(String), expect.any(String), expect.any(String)] } });
  expect((answer as { explanation: string }).explanation).toMatch(/^Gave up after 200000 steps without knowing whether the requirements can be met\. Most conflicts were about (?:hole|pigeon)-/);
});
