import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProvenResolution } from '@souk/contracts';
import { toWire, type ReleaseBody } from '@souk/domain';
import { packageOfFiles } from '@souk/testing/archives';
import { author } from '@souk/testing/builders';
import { fileTree } from './packages/file-tree.ts';
import { flipped, flippedText } from './packages/flipped.ts';
import { ownCid } from './packages/own-cid.ts';
import { factsOf, signRelease, wire } from './packages/signed-release.ts';
import { publishSmall, requireKept, type Acknowledged } from './scenario/kept.ts';
import type { Person } from './scenario/person.ts';
import { bytesRule, jsonRule, Proxy, type Rule } from './scenario/proxy.ts';
import { Scenario } from './scenario/scenario.ts';

const world = new Scenario();
const site = world.site('a');
const kept: Acknowledged[] = [];
let proxy: Proxy;
let people = 0;

/** Somebody who has nothing yet and asks the proxy. */
const somebody = (): Person => world.person(`person-${(people += 1)}`).at(proxy.url);

beforeAll(async () => {
  await site.start();
  proxy = await Proxy.before(site);
  world.onEnd(() => proxy.close());
  const ada = world.person('ada').at(site);
  for (const [name, version, dependencies] of [['lib', '1.0.0', {}], ['lib', '1.1.0', {}], ['lib', '2.0.0', {}], ['app', '1.0.0', { lib: '^1.0.0' }]] as const) {
    kept.push(await publishSmall(ada, world.folder(name, version), { name, version, dependencies }, { 'index.js': `export const is = '${name}@${version}';\n` }));
  }
  kept.push(await publishSmall(world.person('eve').at(site), world.folder('extra'), { name: 'extra' }));
});
afterEach(() => requireKept(site, kept));
afterAll(() => world.end());

const resolutions = /^POST \/v1\/resolutions/;
const blobs = /^GET \/v1\/blobs\//;
type Claim = ProvenResolution['packages'][number];

/** A rule that tells something else about one package of a resolution. */
const tell = (name: string, change: (claim: Claim) => object): Rule =>
  jsonRule(resolutions, (value) => {
    const resolution = value as ProvenResolution;
    return { ...resolution, packages: resolution.packages.map((one) => (one.name === name ? { ...one, ...change(one) } : one)) };
  });

/** A rule that sends other records than those that prove a resolution. */
const prove = (change: (proof: ProvenResolution['proof']) => unknown[]): Rule => jsonRule(resolutions, (value) => ({ ...(value as object), proof: change((value as ProvenResolution).proof) }));

const otherArchive = packageOfFiles({ 'package.json': '{"name":"app","version":"1.0.0"}', 'index.js': 'evil();\n' });
const somebodyElse = author('somebody else').id;

test('control: the proxy alone changes nothing', async () => {
  proxy.lies();
  const bob = somebody();
  expect(await bob.souk('install', 'app')).toMatchObject({ code: 0, json: { packages: [{ name: 'app' }, { name: 'lib', version: '1.1.0' }] } });
  expect(readFileSync(join(bob.project, 'souk_modules', 'app', 'index.js'), 'utf8')).toContain('app@1.0.0');
});

test.each<[what: string, rule: Rule, code: string]>([
  ['bytes with one bit changed', bytesRule(blobs, flipped), 'CID_MISMATCH'],
  ['bytes that end early', bytesRule(blobs, (bytes) => bytes.subarray(0, -1)), 'CID_MISMATCH'],
  ['bytes that go on', bytesRule(blobs, (bytes) => Buffer.concat([bytes, Buffer.alloc(512)])), 'CID_MISMATCH'],
  ['another sound archive', bytesRule(blobs, () => otherArchive), 'CID_MISMATCH'],
  ['records whose signatures were changed', prove((proof) => proof.map((one) => ({ ...one, signature: flippedText(one.signature) }))), 'BAD_SIGNATURE'],
  ['records whose headers were changed', prove((proof) => proof.map((one) => ({ ...one, header: flippedText(one.header) }))), 'BAD_(RECORD|SIGNATURE)'],
  ['records whose bodies were changed', prove((proof) => proof.map((one) => ({ ...one, body: flippedText(one.body ?? '') }))), 'BAD_RECORD'],
  ['no records', prove(() => []), 'UNTRUSTED_ANSWER'],
  ['the releases alone, without the delegations', prove((proof) => proof.filter((one) => /release/.test(Buffer.from(one.header, 'base64url').toString('latin1')))), 'UNTRUSTED_ANSWER'],
  ['another publisher', tell('app', () => ({ publisher: somebodyElse })), 'UNTRUSTED_ANSWER'],
  ['another cid', tell('app', () => ({ cid: ownCid(otherArchive) })), 'UNTRUSTED_ANSWER'],
  ['another integrity', tell('app', () => ({ integrity: `sha512-${'A'.repeat(86)}==` })), 'UNTRUSTED_ANSWER'],
  ['another size', tell('app', ({ size }) => ({ size: size + 1 })), 'UNTRUSTED_ANSWER'],
  ['another name for a package', tell('app', () => ({ name: 'extra' })), 'UNTRUSTED_ANSWER'],
  ['a requirement less', jsonRule(resolutions, (value) => ({ ...(value as object), packages: (value as ProvenResolution).packages.filter(({ name }) => name !== 'lib').map((one) => ({ ...one, requires: {} })) })), 'UNTRUSTED_ANSWER'],
  ['nothing at all', jsonRule(resolutions, (value) => ({ ...(value as object), packages: [], proof: [] })), 'UNTRUSTED_ANSWER'],
  ['an answer of another form', jsonRule(resolutions, () => ({ packages: 'all of them' })), 'UNTRUSTED_ANSWER'],
  ['a page instead of JSON', bytesRule(resolutions, () => Buffer.from('<html>Welcome</html>')), 'UNTRUSTED_ANSWER'],
  ['a redirect', { request: resolutions, change: (answer) => ({ ...answer, status: 302, headers: { location: 'http://127.0.0.1:9/' } }) }, 'UNTRUSTED_ANSWER'],
  ['an error that is none of ours', { request: resolutions, change: (answer) => ({ ...answer, status: 500, body: Buffer.from('oops') }) }, 'UNAVAILABLE'],
  ['a progress that is not true', { request: /^POST \/v1\/installs/, change: (answer) => ({ ...answer, body: Buffer.from('data: {"type":"done","packages":0,"bytes":0,"tookMs":0}\n\n') }) }, ''],
])('a gateway that tells %s', async (_what, rule, code) => {
  proxy.lies(rule);
  const bob = somebody();
  const said = await bob.souk('install', 'app');
  expect(proxy.requests.filter((line) => rule.request.test(line)).length).toBeGreaterThan(0);
  if (code === '') return expect(said).toMatchObject({ code: 0, json: { packages: [{ name: 'app', version: '1.0.0' }, { name: 'lib' }] } });
  expect(said.json).toMatchObject({ code: expect.stringMatching(new RegExp(`^${code}$`)), message: expect.any(String) });
  expect([4, 6]).toContain(said.code);
  expect(await fileTree(bob.project)).toEqual({});
  if (rule.request !== blobs) return;
  // Nothing of the wrong bytes was kept for the next time.
  proxy.lies();
  expect(await bob.souk('install', 'app')).toMatchObject({ code: 0 });
});

test('a gateway that gives a true package which nobody asked for, or a true version out of range', async () => {
  const [extra, two] = await Promise.all([{ extra: '*' }, { lib: '2.0.0' }].map(async (dependencies) => (await site.post('/v1/resolutions', { dependencies })).body as ProvenResolution));
  const added = jsonRule(resolutions, (value) => ({ ...(value as object), packages: [...(value as ProvenResolution).packages, ...(extra?.packages ?? [])], proof: [...(value as ProvenResolution).proof, ...(extra?.proof ?? [])] }));
  const newer = jsonRule(resolutions, (value) => {
    const { packages, proof } = value as ProvenResolution;
    return { ...(value as object), packages: [...packages.filter(({ name }) => name !== 'lib'), ...(two?.packages ?? [])], proof: [...proof, ...(two?.proof ?? [])] };
  });
  for (const rule of [added, newer]) {
    proxy.lies(rule);
    const bob = somebody();
    expect(await bob.souk('install', 'app')).toMatchObject({ code: 4, json: { code: 'UNTRUSTED_ANSWER' } });
    expect(await fileTree(bob.project)).toEqual({});
  }
});

/** A gateway's answer that offers a release which was signed properly, by whomever. */
function offers(facts: ReleaseBody, publisher: string, records: readonly object[], bytes: Buffer): Rule[] {
  const { name, version, cid, integrity, size } = facts;
  return [
    { request: resolutions, change: () => ({ status: 200, headers: {}, body: Buffer.from(JSON.stringify({ packages: [{ name, version, cid, integrity, size, publisher, requires: {} }], proof: records, tookMs: 1 })) }) },
    { request: blobs, change: () => ({ status: 200, headers: {}, body: bytes }) },
  ];
}

test('a publisher that was seen once is not replaced by another, however properly that one signs', async () => {
  proxy.lies();
  const bob = somebody();
  await bob.does('install', 'extra');
  const before = await fileTree(bob.project);
  const bytes = packageOfFiles({ 'package.json': '{"name":"extra","version":"1.0.1"}', 'index.js': 'evil();\n' });
  const mallory = author('mallory');
  const facts = await factsOf(bytes);
  signRelease(mallory, facts);
  proxy.lies(...offers(facts, mallory.id, wire(mallory).records, bytes));
  expect(await bob.souk('install', 'extra')).toMatchObject({ code: 4, json: { code: 'PUBLISHER_CHANGED', details: { changed: [{ name: 'extra', offered: mallory.id }] } } });
  expect(await fileTree(bob.project)).toEqual(before);
});

test('a version that is locked keeps its bytes, even when its own publisher signs others', async () => {
  const [first, second] = ['good', 'evil'].map((word) => packageOfFiles({ 'package.json': '{"name":"twice","version":"1.0.0"}', 'word.txt': word }));
  if (!first || !second) throw new Error('no archives');
  const eve = author('eve who signs twice');
  await site.put(`/v1/blobs/${ownCid(first)}`, first);
  signRelease(eve, await factsOf(first));
  expect(await site.post('/v1/records', wire(eve))).toMatchObject({ status: 201 });
  proxy.lies();
  const bob = somebody();
  await bob.does('install', 'twice');
  const before = await fileTree(bob.project);
  const facts = await factsOf(second);
  const again = signRelease(eve, facts);
  const proof = [...eve.records.filter(({ fields }) => fields.kind !== 'release'), again].map(toWire);
  proxy.lies(...offers(facts, eve.id, proof, second));
  expect(await bob.souk('install', 'twice@1.0.0')).toMatchObject({ code: 4, json: { code: 'EQUIVOCATION', details: { locked: ownCid(first), offered: ownCid(second) } } });
  expect(await fileTree(bob.project)).toEqual(before);
});

test('an archive whose manifest is not the signed one is refused after the download', async () => {
  const bytes = packageOfFiles({ 'package.json': '{"name":"confused","version":"1.0.0","dependencies":{"evil":"*"}}' });
  const mallory = author('mallory the confusing');
  const facts = { ...(await factsOf(bytes)), manifest: { description: 'harmless' } };
  signRelease(mallory, facts);
  proxy.lies(...offers(facts, mallory.id, wire(mallory).records, bytes));
  const bob = somebody();
  expect(await bob.souk('install', 'confused')).toMatchObject({ code: 4, json: { code: 'MANIFEST_MISMATCH', details: { fields: ['manifest'] } } });
  expect(await fileTree(bob.project)).toEqual({});
});
