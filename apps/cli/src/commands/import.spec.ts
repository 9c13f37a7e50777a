import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { inspectBytes, packFiles } from '@souk/archive';
import { fromWire, readFact, SoukError, toWire, verify, type VerifiedRecord } from '@souk/domain';
import { SmallSite } from '../../fixtures/small-site.ts';
import { Workbench, type Ran } from '../../fixtures/workbench.ts';

let bench: Workbench;
let site: SmallSite;

beforeEach(async () => {
  bench = await Workbench.open();
  site = bench.site;
});
afterEach(() => bench.close());

type Line = Record<string, unknown>;

const linesOf = (count: number, from = 0): Line[] => Array.from({ length: count }, (_, at) => ({ name: `package-${from + at}`, version: '1.0.0', description: `Number ${from + at}.`, keywords: ['load'], author: 'Ada', dependencies: { other: '>=1.2.0' } }));

/** Lines that are so long that some forty of them are a batch, and compress badly. */
const longLinesOf = (count: number): Line[] => linesOf(count).map((line, at) => ({ ...line, dependencies: Object.fromEntries(Array.from({ length: 12 }, (_, number) => [`other-${number}`, noise(`${at}/${number}`)])) }));
const noise = (seed: string): string => `https://example.test/${createHash('shake256', { outputLength: 480 }).update(seed).digest('hex')}`;

/** Writes a file of lines; texts are written as they are. */
function file(lines: readonly (Line | string)[], name = 'packages.jsonl'): string {
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  writeFileSync(join(bench.project, name), name.endsWith('.gz') ? gzipSync(text) : text);
  return name;
}

const imports = (path: string, ...words: string[]): Promise<Ran> => bench.souk(['import', path, ...words, '--json']);
const sent = (): VerifiedRecord[] => site.bodies.filter(({ route }) => route === 'postRecords').flatMap(({ body }) => (body as { records: ReturnType<typeof toWire>[] }).records.map((one) => verify(fromWire(one))));
const held = async (): Promise<VerifiedRecord[]> => (await site.logs.since(0, 10_000)).map(({ record }) => record);
const releasesIn = (records: readonly VerifiedRecord[]): string[] => records.map(readFact).flatMap((fact) => (fact?.kind === 'release' ? [`${fact.body.name}@${fact.body.version}`] : []));

test('publishes every line by the user, with that package.json and a README; the same file again adds nothing', async () => {
  const path = file([{ ...linesOf(1)[0], kind: 'template', updated: '2024-05-31T00:00:00Z', stars: 3, downloads: 12 }, ...linesOf(4, 1)]);
  const first = await imports(path);
  expect(first).toMatchObject({ code: 0, json: { file: path, lines: 5, published: 5, already: 0, refused: [], refusedTotal: 0, signers: { kind: 'own', publisher: expect.stringMatching(/^z6Mk/) }, uploaded: expect.any(Number), seconds: expect.any(Number), rate: expect.any(Number) } });
  expect(releasesIn(await held())).toEqual(['package-0@1.0.0', 'package-1@1.0.0', 'package-2@1.0.0', 'package-3@1.0.0', 'package-4@1.0.0']);
  const facts = (await held()).map(readFact);
  const release = facts.find((fact) => fact?.kind === 'release');
  expect(release).toMatchObject({ body: { kind: 'template', manifest: { description: 'Number 0.', dependencies: { other: '>=1.2.0' } }, readme: { path: 'README.md' } }, record: { fields: { at: Date.UTC(2024, 4, 31) } } });
  const report = await inspectBytes(site.blobs.get(release?.kind === 'release' ? release.body.cid : '') ?? new Uint8Array(), { maxBytes: 10_000 });
  expect(report.files.map((one) => one.path)).toEqual(['README.md', 'package.json']);
  expect(JSON.parse(Buffer.from(report.packageJson ?? []).toString())).toMatchObject({ name: 'package-0', stars: 3, downloads: 12, souk: { kind: 'template' } });
  const records = (await held()).length;
  expect(await imports(path)).toMatchObject({ code: 0, json: { lines: 5, published: 0, already: 5, uploaded: 0 } });
  expect((await held()).length).toBe(records);
  expect(sent()).toHaveLength(records);
});

test('reads a compressed file, in batches of what fits into one append', async () => {
  const path = file(linesOf(520), 'packages.jsonl.gz');
  expect(await imports(path)).toMatchObject({ code: 0, json: { lines: 520, published: 520 } });
  const appends = site.bodies.filter(({ route }) => route === 'postRecords').map(({ body }) => (body as { records: unknown[] }).records.length);
  expect(appends.length).toBeGreaterThan(1);
  expect(Math.max(...appends)).toBeLessThanOrEqual(500);
  expect(site.calls.filter((call) => call === 'postBlobs').length).toBeLessThanOrEqual(appends.length);
  expect(new Set(releasesIn(await held())).size).toBe(520);
});

test('wrong lines are named with what is wrong, the others are imported; corrected, only they are added', async () => {
  const [one, two, three] = linesOf(3) as [Line, Line, Line];
  const wrong = [one, '{ not json', { ...two, version: 'one' }, `{"name":"${'x'.repeat(1_100_000)}"}`, '', two, { ...one, description: 'Other.' }, one, three];
  const ran = await imports(file(wrong));
  expect(ran).toMatchObject({ code: 2, json: { lines: 8, published: 3, already: 1, refusedTotal: 4 } });
  expect(ran.json.refused).toMatchObject([
    { line: 2, code: 'BAD_JSON', details: { line: 1, column: 4 } },
    { line: 3, code: 'BAD_MANIFEST', details: { problems: [{ field: 'version' }] } },
    { line: 4, code: 'TOO_LARGE' },
    { line: 7, name: 'package-0', version: '1.0.0', code: 'VERSION_EXISTS' },
  ]);
  const again = await imports(file([one, { ...two, version: '1.0.1' }, two, three]));
  expect(again).toMatchObject({ code: 0, json: { published: 1, already: 3 } });
  const text = await bench.souk(['import', file(wrong)]);
  expect(text.stdout).toMatch(/^Published 0 packages \(0 B\) in [\d.]+ s, 0\/s, 4 were published already\n\n4 lines refused:\nLINE {2}PACKAGE +CODE +WHY\n2 +BAD_JSON/);
});

test('names of somebody else, and versions that are published with other files, are named and nothing of them is signed', async () => {
  await bench.publish({ name: 'package-0', version: '1.0.0' });
  await imports(file(linesOf(2, 1)));
  const changed = linesOf(4).map((line) => ({ ...line, description: 'Changed.' }));
  const ran = await imports(file(changed));
  expect(ran).toMatchObject({ code: 4, json: { published: 1, already: 0, refused: [{ line: 1, name: 'package-0', code: 'NAME_TAKEN' }, { line: 2, name: 'package-1', code: 'VERSION_EXISTS' }, { line: 3, code: 'VERSION_EXISTS' }] } });
});

test('what somebody else publishes meanwhile is left out, and the log stays whole', async () => {
  await bench.publish({ name: 'package-3', version: '1.0.0' });
  let lies = 1;
  site.twists.postVersions = (answer) => (lies-- > 0 ? { known: [] } : answer);
  expect(await imports(file(linesOf(5)))).toMatchObject({ code: 4, json: { published: 4, refused: [{ line: 4, name: 'package-3', code: 'NAME_TAKEN' }] } });
  expect(await bench.souk(['publish', bench.package({ name: 'later', version: '1.0.0' }), '--json'])).toMatchObject({ code: 0 });
  expect(await site.logs.forks(10)).toEqual([]);
});

test('a second site gets what was imported, with its blobs, when its user publishes there', async () => {
  await imports(file(linesOf(3)));
  const other = await SmallSite.start();
  try {
    expect(await bench.souk(['publish', bench.package({ name: 'later', version: '1.0.0' }), '--json', '--site', other.url])).toMatchObject({ code: 0 });
    expect(other.blobs.size).toBe(4);
  } finally {
    await other.close();
  }
});

test('seeded authors share the names; the same import goes on where they are, without any file of theirs', async () => {
  const ran = await imports(file(linesOf(30)), '--authors', '4');
  expect(ran).toMatchObject({ code: 0, json: { published: 30, signers: { kind: 'seeded', count: 4, seed: 'souk import' } }, stderr: expect.stringContaining('whose keys anybody can compute') });
  const keysOf = async (): Promise<Set<string>> => new Set((await held()).filter(({ fields }) => fields.kind === 'release').map(({ key }) => key));
  expect((await keysOf()).size).toBe(4);
  expect(await imports(file(linesOf(40)), '--authors', '4')).toMatchObject({ code: 0, json: { published: 10, already: 30 } });
  expect((await keysOf()).size).toBe(4);
  expect(await imports(file(linesOf(1)), '--authors', '4', '--seed', 'other')).toMatchObject({ code: 4, json: { refused: [{ code: 'NAME_TAKEN' }] } });
  expect(readdirSync(bench.folder)).not.toContain('home');
});

test('tarballs of a folder are published as they are; the line only says which', async () => {
  const folder = join(bench.project, 'tarballs');
  mkdirSync(folder);
  const pack = (name: string, packageJson: Line): void => writeFileSync(join(folder, name), packFiles({ 'package.json': Buffer.from(JSON.stringify(packageJson)), 'index.js': Buffer.from('1;\n') }).bytes);
  pack('plain-1.0.0.tgz', { name: 'plain', version: '1.0.0', license: 'MIT' });
  pack('team-scoped-2.0.0.tgz', { name: '@team/scoped', version: '2.0.0' });
  pack('liar-1.0.0.tgz', { name: 'somebody-else', version: '1.0.0' });
  writeFileSync(join(folder, 'broken-1.0.0.tgz'), 'not gzip');
  const large = Buffer.from(Array.from({ length: 1_500_000 }, (_, at) => (at * 7919 * (at % 251)) & 0xff));
  writeFileSync(join(folder, 'large-1.0.0.tgz'), packFiles({ 'package.json': Buffer.from('{"name":"large","version":"1.0.0"}'), 'data.bin': large }).bytes);
  const path = file([{ name: 'plain', version: '1.0.0' }, { name: '@team/scoped', version: '2.0.0', kind: 'template' }, { name: 'liar', version: '1.0.0' }, { name: 'broken', version: '1.0.0' }, { name: 'missing', version: '1.0.0' }, { name: 'large', version: '1.0.0' }]);
  const ran = await imports(path, '--tarballs', 'tarballs');
  expect(ran).toMatchObject({ code: 4, json: { published: 3, refused: [{ line: 3, code: 'MANIFEST_MISMATCH' }, { line: 4, code: 'BAD_ARCHIVE' }, { line: 5, name: 'missing', code: 'NOT_FOUND' }] } });
  const releases = (await held()).map(readFact).flatMap((fact) => (fact?.kind === 'release' ? [fact.body] : []));
  expect(releases.map(({ name, kind, manifest }) => [name, kind, manifest.license])).toEqual([['plain', 'package', 'MIT'], ['@team/scoped', 'template', undefined], ['large', 'package', undefined]]);
  expect(Buffer.from(site.blobs.get(releases[0]?.cid ?? '') ?? []).equals(readFileSync(join(folder, 'plain-1.0.0.tgz')))).toBe(true);
  expect(await imports(path, '--tarballs', 'tarballs')).toMatchObject({ json: { published: 0, already: 3 } });
});

test('a site that goes away in the middle: what it acknowledged is not sent again, the rest is', async () => {
  const path = file(longLinesOf(110));
  let appends = 0;
  site.twists.postRecords = (answer) => {
    appends += 1;
    if (appends === 2) site.raws.postRecords = (request) => void request.socket.destroy();
    return answer;
  };
  expect(await bench.souk(['import', path, '--json'], { env: { SOUK_TIMEOUT: '5' } })).toMatchObject({ code: 6, json: { code: 'UNAVAILABLE' }, stderr: expect.stringContaining('Trying again in 0.25 s.') });
  const before = releasesIn(await held()).length;
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(110);
  site.raws.postRecords = undefined;
  site.twists.postRecords = undefined;
  const ran = await imports(path);
  expect(ran.code).toBe(0);
  expect(new Set(releasesIn(await held())).size).toBe(110);
  expect(releasesIn(await held())).toHaveLength(110);
  expect(await site.logs.forks(10)).toEqual([]);
});

test('a site that is away for a moment is waited for', async () => {
  let failures = 2;
  site.raws.postBlobs = (request) => {
    failures -= 1;
    if (failures === 0) site.raws.postBlobs = undefined;
    request.socket.destroy();
  };
  expect(await imports(file(linesOf(3)))).toMatchObject({ code: 0, json: { published: 3 } });
});

test('Ctrl-C ends it with how far it came, and the same command goes on', async () => {
  const path = file(longLinesOf(130));
  const stop = new AbortController();
  let appends = 0;
  site.twists.postRecords = (answer) => {
    appends += 1;
    if (appends === 3) stop.abort(new SoukError('CANCELLED', 'Interrupted.'));
    return answer;
  };
  const ran = await bench.souk(['import', path, '--json'], { signal: stop.signal });
  expect(ran).toMatchObject({ code: 130, json: { code: 'CANCELLED', message: expect.stringMatching(/^Interrupted: \d+ packages/), details: { published: expect.any(Number) } } });
  expect(ran.json.details.published).toBeGreaterThan(0);
  expect(ran.json.details.published).toBeLessThan(130);
  site.twists.postRecords = undefined;
  expect((await imports(path)).code).toBe(0);
  expect([releasesIn(await held()).length, new Set(releasesIn(await held())).size]).toEqual([130, 130]);
});

test('an import shows a bar with the rate to a person at a terminal', async () => {
  let stderr = '';
  const terminal = { write: (text: string) => (stderr += text), isTTY: true, columns: 100, cursorTo: () => true, clearLine: () => true, moveCursor: () => true, on: () => undefined, once: () => undefined, removeListener: () => undefined };
  expect((await bench.souk(['import', file(linesOf(10))], { stderr: terminal })).code).toBe(0);
  expect(stderr).toMatch(/\d+ %  \d+ packages {2}\d+\/s/);
});

test.each([
  ['no file', ['nowhere.jsonl'], 3, 'NOT_FOUND'],
  ['no authors', ['packages.jsonl', '--authors', '0'], 2, 'BAD_REQUEST'],
  ['too many authors', ['packages.jsonl', '--authors', '1001'], 2, 'BAD_REQUEST'],
  ['authors that are no number', ['packages.jsonl', '--authors', 'many'], 2, 'BAD_REQUEST'],
  ['no argument', [], 2, 'BAD_REQUEST'],
])('bad input: %s', async (_what, words, code, error) => {
  file(linesOf(1));
  expect(await bench.souk(['import', ...words, '--json'])).toMatchObject({ code, json: { code: error } });
  expect(site.calls).toEqual([]);
});

test('a compressed file that is cut off: what came before is imported, and it is told of', async () => {
  const path = file(longLinesOf(130), 'packages.jsonl.gz');
  const whole = readFileSync(join(bench.project, path));
  expect(gunzipSync(whole).length).toBeGreaterThan(0);
  writeFileSync(join(bench.project, path), whole.subarray(0, whole.length - 100));
  expect(await imports(path)).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST', message: expect.stringContaining('cut off') } });
  expect(releasesIn(await held()).length).toBeGreaterThan(30);
});
