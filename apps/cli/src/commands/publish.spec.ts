import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { fromWire, readFact, verify } from '@souk/domain';
import { appendFileSync, chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SmallSite } from '../../fixtures/small-site.ts';
import { Workbench, type Ran } from '../../fixtures/workbench.ts';

let bench: Workbench;
let site: SmallSite;

beforeEach(async () => {
  bench = await Workbench.open();
  site = bench.site;
});
afterEach(() => bench.close());

const publish = (packageJson: Record<string, unknown>, files: Record<string, string> = {}): Promise<Ran> => bench.souk(['publish', bench.package(packageJson, files), '--json']);
const mine = { name: 'mine', version: '1.0.0', description: 'Mine.' };

/** Records that were sent so far, by call: as they were, bytes and all. */
const sent = (): string[][] => site.bodies.filter(({ route }) => route === 'postRecords').map(({ body }) => (body as { records: { header: string }[] }).records.map((one) => JSON.stringify(one)));
const kinds = (records: readonly string[] = []): string[] => records.map((one) => verify(fromWire(JSON.parse(one))).fields.kind);
const logFiles = (): string[] => readdirSync(join(bench.home, 'logs')).map((name) => join(bench.home, 'logs', name)).sort();

test('the first publish makes keys that only their owner may read, says where they lie, and signs three founding records and the release', async () => {
  const ran = await publish(mine);
  expect(ran).toMatchObject({ code: 0, json: { status: 'published', name: 'mine', version: '1.0.0', kind: 'package', cid: expect.stringMatching(/^bafkrei/), files: 2, publisher: expect.stringMatching(/^z6Mk/) } });
  expect(ran.stderr).toContain(join(bench.home, 'keys'));
  expect(readdirSync(join(bench.home, 'keys')).sort()).toEqual(['device', 'next-root', 'root']);
  for (const name of ['keys', 'keys/root', 'keys/next-root', 'keys/device', ...logFiles().map((path) => path.slice(bench.home.length + 1))]) expect(statSync(join(bench.home, name)).mode & 0o077).toBe(0);
  expect(sent().map(kinds)).toEqual([['inception', 'delegate', 'inception', 'release']]);
  const second = await publish({ name: 'second', version: '1.0.0' });
  expect(second.stderr).toBe('');
  expect(kinds(sent()[1])).toEqual(['release']);
});

test('the kind can be given; the output for people names what was published', async () => {
  const ran = await bench.souk(['publish', bench.package(mine), '--kind', 'template']);
  expect(ran.stdout.replace(/(bafkrei|z6Mk)\w+/g, '$1...')).toBe('Published mine@1.0.0\nkind       template\ncid        bafkrei...\nsize       242 B, 2 files\npublisher  z6Mk...\n'.replace('242', /size +(\d+) B/.exec(ran.stdout)?.[1] ?? ''));
  expect(await bench.souk(['publish', bench.package(mine), '--kind', 'other', '--json'])).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST' } });
});

test('the same tree again is published already, from a folder or from its .tgz, and signs nothing', async () => {
  const { json } = await publish(mine);
  const tgz = join(bench.folder, 'mine.tgz');
  writeFileSync(tgz, site.blobs.get(json.cid) ?? '');
  expect(await publish(mine)).toMatchObject({ code: 0, json: { status: 'already-published', cid: json.cid } });
  expect(await bench.souk(['publish', tgz, '--json'])).toMatchObject({ code: 0, json: { status: 'already-published', cid: json.cid } });
  expect(sent()).toHaveLength(1);
});

test('another tree of a published version is refused with the files that differ, and signs nothing', async () => {
  await publish(mine, { 'a.txt': '1', 'b.txt': '1' });
  const ran = await publish(mine, { 'a.txt': '2', 'c.txt': '1' });
  expect(ran).toMatchObject({ code: 5, json: { code: 'VERSION_EXISTS', details: { files: { added: ['c.txt'], changed: ['a.txt'], removed: ['b.txt'] } } } });
  const text = await bench.souk(['publish', bench.package(mine, { 'c.txt': '1' })]);
  expect(text.stderr).toContain('  1 file added:\n    c.txt\n  2 files removed:\n    a.txt\n    b.txt\n');
  expect(sent()).toHaveLength(1);
});

test('a version that another device of the publisher released is found before anything is signed', async () => {
  await publish(mine);
  rmSync(join(bench.home, 'keys', 'device'));
  expect(await publish(mine)).toMatchObject({ code: 0, json: { status: 'already-published' } });
  expect(await publish(mine, { 'more.txt': '' })).toMatchObject({ code: 5, json: { code: 'VERSION_EXISTS', details: { files: { added: ['more.txt'] } } } });
  expect(kinds(sent().flat()).filter((kind) => kind === 'release')).toHaveLength(1);
});

test("a name of somebody else is refused before anything is signed", async () => {
  await bench.publish(mine);
  expect(await publish({ ...mine, version: '2.0.0' })).toMatchObject({ code: 4, json: { code: 'NAME_TAKEN', hint: expect.stringContaining('@you/mine') } });
  expect(sent()).toHaveLength(1);
});

test('after a lost answer the very same record is sent again', async () => {
  site.raws.postRecords = (request) => void request.socket.destroy();
  expect(await publish(mine)).toMatchObject({ code: 6, json: { code: 'UNAVAILABLE' } });
  const [, device] = logFiles().map((path) => readFileSync(path, 'utf8'));
  site.raws.postRecords = undefined;
  expect(await publish(mine)).toMatchObject({ code: 0, json: { status: 'published' } });
  expect(logFiles().map((path) => readFileSync(path, 'utf8'))[1]).toBe(device);
  expect(sent()).toHaveLength(1);
  expect(new Set(sent()[0])).toEqual(new Set(logFiles().flatMap((path) => readFileSync(path, 'utf8').trimEnd().split('\n'))));
});

test('when only the answer was lost, the next publish finds the record there', async () => {
  site.twists.postRecords = () => undefined;
  expect((await publish(mine)).code).not.toBe(0);
  site.twists.postRecords = undefined;
  expect(await publish(mine)).toMatchObject({ code: 0, json: { status: 'already-published' } });
  expect(sent()).toHaveLength(1);
});

test('a release that the site refuses for good does not stand in the way of the next one', async () => {
  await publish(mine);
  site.raws.postRecords = (_request, response) => void response.writeHead(422).end('{"code":"MANIFEST_MISMATCH","message":"No."}');
  expect(await publish({ name: 'other', version: '1.0.0' })).toMatchObject({ code: 4, json: { code: 'MANIFEST_MISMATCH' } });
  site.raws.postRecords = undefined;
  expect(await publish({ name: 'third', version: '1.0.0' })).toMatchObject({ code: 0, json: { status: 'published' } });
  expect(kinds(sent().at(-1))).toEqual(['release']);
});

test('a second site gets the whole log with the blobs of its releases', async () => {
  await publish(mine);
  const other = await (await import('../../fixtures/small-site.ts')).SmallSite.start();
  try {
    const ran = await bench.souk(['publish', bench.package({ name: 'second', version: '1.0.0' }), '--json', '--site', other.url]);
    expect(ran).toMatchObject({ code: 0, json: { status: 'published' } });
    expect((await other.logs.size()).records).toBe((await site.logs.size()).records + 1);
    expect(other.blobs.size).toBe(2);
  } finally {
    await other.close();
  }
});

test('a computer restored without its logs takes them over from the site and goes on', async () => {
  await publish(mine);
  await publish({ ...mine, version: '1.1.0' });
  const before = logFiles().map((path) => readFileSync(path, 'utf8'));
  rmSync(join(bench.home, 'logs'), { recursive: true });
  expect(await publish({ ...mine, version: '1.2.0' })).toMatchObject({ code: 0, json: { status: 'published' } });
  const after = logFiles().map((path) => readFileSync(path, 'utf8'));
  expect(after.map((text, at) => text.startsWith(before[at] ?? '-'))).toEqual([true, true]);
  expect(kinds(sent().at(-1))).toEqual(['release']);
});

test('two copies of one home that both published: the fork is explained and nothing is sent', async () => {
  await publish(mine);
  const copy = join(bench.folder, 'copy');
  cpSync(bench.home, copy, { recursive: true });
  chmodSync(join(copy, 'keys'), 0o700);
  await publish({ ...mine, version: '1.1.0' });
  site.raws.getPublisher = (_request, response) => void response.writeHead(404).end('{"code":"PUBLISHER_NOT_FOUND","message":"No."}');
  site.raws.postRecords = (request) => void request.socket.destroy();
  await bench.souk(['publish', bench.package({ ...mine, version: '3.0.0' }), '--json'], { home: copy });
  site.raws.getPublisher = undefined;
  site.raws.postRecords = undefined;
  const calls = sent().length;
  expect(await bench.souk(['publish', bench.package({ ...mine, version: '4.0.0' }), '--json'], { home: copy })).toMatchObject({ code: 5, json: { code: 'FORKED_LOG', hint: expect.stringContaining('copies of SOUK_HOME') } });
  expect(sent()).toHaveLength(calls);
});

test('a site that gives somebody else\'s or an altered log is not followed', async () => {
  await publish(mine);
  rmSync(join(bench.home, 'logs'), { recursive: true });
  site.twists.getLog = (answer: { records: { signature: string }[] }) => ({ ...answer, records: answer.records.map((one) => ({ ...one, signature: `${'A'.repeat(85)}A` })) });
  expect(await publish(mine)).toMatchObject({ code: 4, json: { code: 'UNTRUSTED_ANSWER' } });
  expect(existsSync(join(bench.home, 'logs'))).toBe(false);
});

test('a damaged log is told of; half a line, which a crash leaves, is dropped', async () => {
  await publish(mine);
  const path = logFiles().find((file) => readFileSync(file, 'utf8').split('\n').some((line) => line !== '' && verify(fromWire(JSON.parse(line))).fields.kind === 'release')) as string;
  appendFileSync(path, '{"header":"abc');
  expect(await publish({ ...mine, version: '1.1.0' })).toMatchObject({ code: 0 });
  appendFileSync(path, '{"header":"abc"}\n');
  expect(await publish({ ...mine, version: '1.2.0' })).toMatchObject({ code: 7, json: { code: 'STORAGE_CORRUPT', details: { path, line: 4 } } });
});

test.each([
  ['no folder', 'nowhere', {}, 3, 'NOT_FOUND'],
  ['no package.json', '.', {}, 2, 'BAD_MANIFEST'],
  ['not JSON', '.', { 'package.json': '{' }, 2, /BAD_(JSON|MANIFEST)/],
  ['wrong fields', '.', { 'package.json': '{"name":"Bad","version":"one"}' }, 2, 'BAD_MANIFEST'],
  ['not gzip', 'x.tgz', { 'x.tgz': 'hello' }, 4, 'BAD_ARCHIVE'],
])('bad input: %s', async (_what, path, files, code, error) => {
  bench.write(bench.project, files);
  expect(await bench.souk(['publish', path, '--json'])).toMatchObject({ code, json: { code: typeof error === 'string' ? error : expect.stringMatching(error) } });
  expect(existsSync(bench.home)).toBe(false);
});

test('a home that can not be written is told of', async () => {
  writeFileSync(join(bench.folder, 'file'), '');
  expect(await bench.souk(['publish', bench.package(mine), '--json'], { home: join(bench.folder, 'file', 'home') })).toMatchObject({ code: 7, json: { code: 'STORAGE_DENIED', hint: expect.stringContaining('who owns the folder') } });
});

test('two publishes at once: one waits for the other, both are there and no record is lost', async () => {
  const folders = ['first', 'second', 'third'].map((name) => bench.package({ name, version: '1.0.0' }));
  const all = await Promise.all(folders.map((folder) => bench.souk(['publish', folder, '--json'])));
  expect(all.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(kinds(sent().flat()).sort()).toEqual(['delegate', 'inception', 'inception', 'release', 'release', 'release']);
});

test('tags, yanks, deprecations and undoing them are signed once each', async () => {
  await publish(mine);
  const about = async (...words: string[]): Promise<unknown> => (await bench.souk([...words, '--json'])).json;
  expect(await about('tag', 'mine@1.0.0', 'stable')).toMatchObject({ tag: 'stable', signed: true });
  expect(await about('tag', 'mine@1.0.0', 'stable')).toMatchObject({ signed: false });
  expect(await about('deprecate', 'mine@1.0.0', '--reason', 'old')).toMatchObject({ how: 'deprecate', signed: true });
  expect(await about('yank', 'mine@1.0.0', '--reason', 'broken')).toMatchObject({ signed: true });
  expect(await about('yank', 'mine@1.0.0', '--reason', 'broken')).toMatchObject({ signed: false });
  expect(await about('undo', 'mine@1.0.0')).toMatchObject({ how: 'undo', signed: true });
  expect(await about('undo', 'mine@1.0.0')).toMatchObject({ signed: false });
  const facts = sent().flat().map((one) => readFact(verify(fromWire(JSON.parse(one)))));
  expect(facts.slice(4).map((fact) => [fact?.kind, (fact?.body as { how?: string } | undefined)?.how])).toEqual([['tag', undefined], ['retract', 'deprecate'], ['retract', 'yank'], ['retract', 'undo']]);
  expect(await about('tag', 'mine', 'x')).toMatchObject({ code: 'BAD_REQUEST' });
  expect(await about('tag', 'mine@1.0.0', 'Not A Tag')).toMatchObject({ code: 'BAD_REQUEST' });
  expect(await about('yank', 'mine@9.0.0', '--reason', 'x')).toMatchObject({ code: 'VERSION_NOT_FOUND' });
  await bench.publish({ name: 'theirs', version: '1.0.0' });
  expect(await about('yank', 'theirs@1.0.0', '--reason', 'x')).toMatchObject({ code: 'NAME_TAKEN' });
});

test('souk demo publishes the three examples, and again does nothing', async () => {
  const first = await bench.souk(['demo', '--json']);
  expect(first.json.published.map((one: { status: string; kind: string }) => [one.status, one.kind])).toEqual([['published', 'template'], ['published', 'template'], ['published', 'template']]);
  const second = await bench.souk(['demo']);
  expect(second.stdout).toMatch(/was there[^]*Next:\n {2}souk search template\n {2}souk info \S+\n {2}souk install \S+\n$/);
});
