import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { SearchAnswer } from '@souk/contracts';
import type { ReleaseBody } from '@souk/domain';
import { packageOfFiles } from '@souk/testing/archives';
import { author } from '@souk/testing/builders';
import { ownCid } from './packages/own-cid.ts';
import { factsOf, signRelease, wire } from './packages/signed-release.ts';
import { writePackage } from './packages/written-package.ts';
import { publishSmall, requireKept, type Acknowledged } from './scenario/kept.ts';
import { Scenario } from './scenario/scenario.ts';
import { until } from './scenario/until.ts';

const world = new Scenario();
const site = world.site('a');
const ada = world.person('ada');
const kept: Acknowledged[] = [];

beforeAll(async () => {
  ada.at(await site.start());
  kept.push(await publishSmall(ada, world.folder('kept'), { name: 'kept' }));
});
afterEach(() => requireKept(site, kept));
afterAll(() => world.end());

let folders = 0;
const folder = (manifest: Record<string, unknown>): string => writePackage(world.folder('wrong', String((folders += 1))), { name: 'wrong', version: '1.0.0', ...manifest });

test.each<[field: string, value: unknown]>([
  ['name', undefined],
  ['name', 42],
  ['version', undefined],
  ['version', 'one'],
  ['version', '1.2'],
  ['version', '01.2.3'],
  ['version', '1.2.3.4'],
  ['version', 1],
  ['private', true],
  ['description', { text: 'x' }],
  ['keywords', 7],
  ['license', 7],
  ['author', 7],
  ['homepage', 7],
  ['repository', 7],
  ['bugs', 7],
  ['engines', 7],
  ['os', 7],
  ['cpu', { x64: true }],
  ['libc', 7],
  ['type', 7],
  ['bin', '../outside.js'],
  ['bin', 7],
  ['dependencies', ['x']],
  ['dependencies', { x: 1 }],
  ['dependencies', { 'not a name': '^1.0.0' }],
  ['optionalDependencies', 'x'],
  ['peerDependencies', 7],
  ['peerDependenciesMeta', 'x'],
  ['bundleDependencies', 'x'],
  ['scripts', 'rm -rf /'],
  ['souk', 'template'],
  ['souk.kind', { kind: 'theme' }],
  ['souk.requires', { kind: 'template', requires: { 'Not A Name': '^1.0.0' } }],
  ['souk.requires', { kind: 'template', requires: { x: 'whatever' } }],
  ['souk.requires', { kind: 'template', requires: { wrong: '^1.0.0' } }],
])('the manifest field %s cannot be %j: exit code 2, and the field is named', async (field, value) => {
  const said = await ada.souk('publish', folder({ [field.split('.')[0] as string]: value }));
  const named = { field: expect.stringMatching(new RegExp(`^${field}(\\.|$)`)), problem: expect.any(String) };
  expect(said).toMatchObject({ code: 2, json: { code: 'BAD_MANIFEST', message: expect.stringContaining(field), details: { problems: expect.arrayContaining([named]) } } });
});

test.each(['Upper', 'a b', '../up', '.hidden', '_under', '-dash', 'a/b', '@scope/', '@/x', '@a/b/c', 'ünï', 'node_modules', 'a'.repeat(215), '%2e%2e', 'con\u0000trol'])(
  'the name %j breaks npm\'s rules: publish names the field, every other command says BAD_NAME',
  async (name) => {
    expect(await ada.souk('publish', folder({ name }))).toMatchObject({ code: 2, json: { code: 'BAD_MANIFEST', details: { problems: [{ field: 'name' }] } } });
    if (name.includes('\u0000') || name.startsWith('-')) return;
    expect(await ada.souk('info', name)).toMatchObject({ code: 2, json: { code: 'BAD_NAME', message: expect.any(String), hint: expect.any(String) } });
    expect(await site.get(`/v1/packages/${encodeURIComponent(name)}`)).toMatchObject({ status: 400, body: { code: expect.stringMatching(/^BAD_(NAME|REQUEST)$/), message: expect.stringContaining('name') } });
  },
);

test('all problems are told at once, also to people', async () => {
  const wrong = folder({ name: 'No', version: 'x', bin: '/etc/passwd' });
  expect((await ada.souk('publish', wrong)).json).toMatchObject({ details: { problems: [{ field: 'name' }, { field: 'version' }, { field: 'bin' }] } });
  expect(await ada.text('publish', wrong)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/name[\s\S]*version[\s\S]*bin/) });
});

test.each([
  ['no JSON', '{"name": "wrong",', /BAD_(JSON|MANIFEST)/],
  ['a key twice', '{"name":"wrong","name":"other","version":"1.0.0"}', 'BAD_JSON'],
  ['a prototype key', '{"name":"wrong","version":"1.0.0","dependencies":{"__proto__":"1.0.0"}}', /BAD_(JSON|MANIFEST)/],
  ['no object', '[]', 'BAD_MANIFEST'],
])('a package.json that has %s is refused', async (_what, text, code) => {
  const path = writePackage(world.folder('text', String((folders += 1))), {}, { 'package.json': text });
  expect(await ada.souk('publish', path)).toMatchObject({ code: 2, json: { code: expect.stringMatching(code) } });
});

test('nothing of all that was published', async () => {
  expect(await site.get('/v1/search')).toMatchObject({ status: 200, body: { total: 1, items: [{ name: 'kept' }] } });
});

/** Uploads an archive, as a client would that checks nothing, and posts a release of it. */
async function postRelease(who: string, packageJson: object, change: (facts: ReleaseBody) => Partial<Record<keyof ReleaseBody, unknown>>): Promise<unknown> {
  const bytes = packageOfFiles({ 'package.json': JSON.stringify(packageJson) });
  expect((await site.put(`/v1/blobs/${ownCid(bytes)}`, bytes)).status).toBeLessThan(300);
  const eve = author(who);
  const facts = await factsOf(bytes);
  signRelease(eve, { ...facts, ...change(facts) } as ReleaseBody);
  return site.post('/v1/records', wire(eve));
}

test.each<[field: keyof ReleaseBody, (facts: ReleaseBody) => unknown]>([
  ['name', () => 'other'],
  ['version', () => '9.9.9'],
  ['manifest', () => ({ description: 'something harmless' })],
  ['manifest', (facts) => ({ ...facts.manifest, dependencies: { evil: '*' } })],
  ['integrity', () => `sha512-${'A'.repeat(86)}==`],
  ['size', (facts) => facts.size + 1],
  ['unpackedSize', (facts) => facts.unpackedSize + 1],
  ['files', (facts) => facts.files + 1],
  ['tree', () => new Uint8Array(32)],
  ['chunks', () => [new Uint8Array(32)]],
])('a signed release whose %s is not the archive\'s is refused with 422, field named', async (field, value) => {
  const answer = await postRelease(`eve ${field} ${String(value)}`, { name: `eve-${field.toLowerCase()}`, version: '1.0.0', description: 'x' }, (facts) => ({ [field]: value(facts) }));
  expect(answer).toMatchObject({ status: 422, body: { code: 'MANIFEST_MISMATCH', details: { fields: expect.arrayContaining([field]) } } });
});

test('a signed release of an archive that nobody uploaded is refused with 404', async () => {
  const eve = author('eve without bytes');
  signRelease(eve, await factsOf(packageOfFiles({ 'package.json': '{"name":"never-uploaded","version":"1.0.0"}' })));
  expect(await site.post('/v1/records', wire(eve))).toMatchObject({ status: 404, body: { code: 'BLOB_NOT_FOUND' } });
});

test('a signed release of an archive whose package.json is wrong is refused with 422', async () => {
  const [good, bad] = ['1.0.0', 'one'].map((version) => packageOfFiles({ 'package.json': JSON.stringify({ name: 'eve-wrong', version }) }));
  const facts = await factsOf(good as Buffer);
  expect((await site.put(`/v1/blobs/${ownCid(bad as Buffer)}`, bad as Buffer)).status).toBe(201);
  const eve = author('eve with a wrong version');
  signRelease(eve, { ...facts, cid: ownCid(bad as Buffer) as ReleaseBody['cid'] });
  expect(await site.post('/v1/records', wire(eve))).toMatchObject({ status: 422, body: { code: expect.stringMatching(/^(BAD_MANIFEST|MANIFEST_MISMATCH)$/) } });
});

test('after all that an honest author still publishes', async () => {
  kept.push(await publishSmall(ada, world.folder('after'), { name: 'after' }));
  const names = async (): Promise<string[]> => ((await site.get('/v1/search')).body as SearchAnswer).items.map(({ name }) => name);
  expect(await until({ what: 'the package in search', read: names, isDone: (found) => found.includes('after') })).toHaveLength(2);
});
