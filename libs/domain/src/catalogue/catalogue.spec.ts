import { expect, test } from '@jest/globals';
import { author, epoch, LogWriter, type Author } from '@souk/testing/builders';
import { fc } from '@souk/testing/properties';
import { sha256Of } from '../id/cid.ts';
import { toHex } from '../id/bytes.ts';
import { MemoryLogStore } from '../ports/memory-log-store.ts';
import { seedFrom, signerOf } from '../record/ed25519.ts';
import type { VerifiedRecord } from '../record/signed-record.ts';
import { Catalogue, requireBound } from './catalogue.ts';
import { noPolicy, type CataloguePolicy, type PackageState } from './package-state.ts';

async function catalogueOf(...batches: (readonly VerifiedRecord[])[]): Promise<Catalogue> {
  const logs = new MemoryLogStore({ now: () => epoch });
  for (const batch of batches) await logs.append(batch);
  return new Catalogue(logs);
}

const versionsOf = (state: PackageState | undefined): string[] => state?.versions.map((one) => one.version) ?? [];

/** A state without what arrival decides: when things were first seen. */
function shown(state: PackageState | undefined): unknown {
  return state && { ...state, versions: state.versions.map(({ firstSeen: _, record, equivocations, ...rest }) => ({ ...rest, record: toHex(record.hash), equivocations: equivocations.map((one) => toHex(one.hash)) })) };
}

/** A publisher with a history that uses every kind of fact about packages. */
function busyAuthor(): Author {
  const ada = author('ada');
  for (const version of ['1.0.0', '1.1.0', '2.0.0-rc.1', '2.0.0']) ada.releases('kit', version);
  ada.device.write('tag', { name: 'kit', tag: 'next', version: '2.0.0-rc.1' });
  ada.device.write('retract', { name: 'kit', version: '1.0.0', how: 'deprecate', reason: 'old' });
  ada.device.write('retract', { name: 'kit', version: '2.0.0', how: 'yank', reason: 'broken' });
  ada.device.write('tag', { name: 'kit', tag: 'next', version: '1.1.0' });
  ada.device.write('retract', { name: 'kit', version: '1.0.0', how: 'undo', reason: '' });
  ada.releases('other', '0.1.0');
  return ada;
}

test('releases, tags and retractions fold to what their publisher said last', async () => {
  const kit = await (await catalogueOf(busyAuthor().records)).package('kit');
  expect(versionsOf(kit)).toEqual(['1.0.0', '1.1.0', '2.0.0-rc.1', '2.0.0']);
  expect(kit?.tags).toEqual({ latest: '1.1.0', next: '1.1.0' });
  expect(kit?.versions.map((one) => one.retracted?.how)).toEqual([undefined, undefined, undefined, 'yank']);
});

test('a thousand orders of arrival fold to one state', async () => {
  const ada = busyAuthor();
  const second = new LogWriter('ada/second-device');
  ada.root.write('delegate', { key: second.key, name: 'ci' });
  second.clock = 5;
  second.write('inception', { rootKey: ada.root.key });
  second.write('tag', { name: 'kit', tag: 'ci', version: '1.1.0' });
  second.write('retract', { name: 'kit', version: '1.1.0', how: 'deprecate', reason: 'use 2' });
  ada.root.write('revoke', { key: second.key, lastSeq: 1, lastHash: (second.records[1] as VerifiedRecord).hash });
  const logs = [ada.root.records, ada.device.records, second.records];
  const expected = shown(await (await catalogueOf(...logs)).package('kit'));
  // An order of arrival: which log the next record comes from, over and over.
  const turns = fc.array(fc.nat({ max: 2 }), { minLength: 40, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(turns, async (order) => {
      const queues = logs.map((one) => [...one]);
      const batches = order.map((turn) => queues[turn]?.splice(0, 1) ?? []);
      const catalogue = await catalogueOf(...[...batches, ...queues].filter((one) => one.length > 0));
      expect(shown(await catalogue.package('kit'))).toEqual(expected);
    }),
    { numRuns: 1000, seed: 1 },
  );
  expect(JSON.stringify(expected)).toContain('"ci":"1.1.0"');
  expect(JSON.stringify(expected)).not.toContain('use 2');
});

test('a second cid of one version is kept as proof and never takes the place of the first', async () => {
  const ada = author('ada');
  const first = ada.releases('kit', '1.0.0');
  const second = ada.releases('kit', '1.0.0', { blob: Uint8Array.of(1) });
  const kit = await (await catalogueOf(ada.records)).package('kit');
  expect(kit?.versions[0]?.record.hash).toEqual(first.hash);
  expect(kit?.versions[0]?.equivocations.map((one) => one.hash)).toEqual([second.hash]);
});

test('whoever is seen first holds the name; the site may decide otherwise; a contest without a decision is refused', async () => {
  const [ada, eve] = [author('ada'), author('eve')];
  ada.releases('kit', '1.0.0');
  eve.releases('kit', '9.0.0');
  const kit = await (await catalogueOf(ada.records, eve.records)).package('kit');
  expect(kit).toMatchObject({ publisher: ada.id, claimants: expect.arrayContaining([ada.id, eve.id]) });
  expect(versionsOf(kit)).toEqual(['1.0.0']);
  const logs = new MemoryLogStore({ now: () => epoch });
  await logs.append([...ada.records, ...eve.records]);
  expect(versionsOf(await new Catalogue(logs, { ...noPolicy, boundTo: () => eve.id }).package('kit'))).toEqual(['9.0.0']);
  expect(() => requireBound({ name: 'kit', claimants: [ada.id, eve.id], versions: [], tags: {} })).toThrow(/claimed by 2 publishers/);
});

test('a key that no root delegated, or whose root it does not name, publishes nothing', async () => {
  const stray = new LogWriter('stray');
  stray.write('inception', { rootKey: author('ada').root.key });
  const source = author('ada');
  const release = source.releases('kit', '1.0.0');
  stray.writeBytes('release', release.body as Uint8Array);
  const catalogue = await catalogueOf(author('ada').root.records, stray.records);
  expect(await catalogue.package('kit')).toBeUndefined();
  expect(await catalogue.writer(stray.key)).toMatchObject({ problem: 'is not delegated by the publisher it names' });
  // Eve's root adopts Ada's device, which never agreed.
  const eve = author('eve');
  eve.root.write('delegate', { key: source.device.key, name: 'mine now' });
  expect((await (await catalogueOf(eve.records, source.records)).writer(source.device.key)).publisher).toBe(source.id);
});

test('after a rotation the new root speaks, and the old one only up to where its log was closed', async () => {
  const ada = author('ada');
  const next = new LogWriter('ada/next-root');
  const closed = ada.root.records.at(-1) as VerifiedRecord;
  const late = new LogWriter('late-device');
  ada.root.write('delegate', { key: late.key, name: 'by the thief' });
  late.write('inception', { rootKey: ada.id });
  next.write('rotate', { rootKey: ada.id, nextRootHash: sha256Of(signerOf(seedFrom('third')).publicKey), from: { key: ada.id, lastSeq: closed.fields.seq, lastHash: closed.hash } });
  const ci = new LogWriter('ci');
  next.write('delegate', { key: ci.key, name: 'ci' });
  ci.write('inception', { rootKey: ada.id });
  const catalogue = await catalogueOf(ada.records, next.records, late.records, ci.records);
  expect((await catalogue.writer(ci.key)).publisher).toBe(ada.id);
  expect((await catalogue.writer(ada.device.key)).publisher).toBe(ada.id);
  expect((await catalogue.writer(late.key)).publisher).toBeUndefined();
});

test('a rotation by a key that the root did not commit to is nobody', async () => {
  const ada = author('ada');
  const thief = new LogWriter('thief');
  const last = ada.root.records.at(-1) as VerifiedRecord;
  thief.write('rotate', { rootKey: ada.id, nextRootHash: new Uint8Array(32), from: { key: ada.id, lastSeq: last.fields.seq, lastHash: last.hash } });
  expect(await (await catalogueOf(ada.records, thief.records)).writer(thief.key)).toMatchObject({ problem: 'is not the successor that its publisher committed to' });
});

test('unknown kinds are kept and skipped; names come in order', async () => {
  const ada = busyAuthor();
  ada.device.writeBytes('hologram', new TextEncoder().encode('?'), { future: 1 });
  ada.releases('kit', '3.0.0');
  const catalogue = await catalogueOf(ada.records);
  expect(versionsOf(await catalogue.package('kit'))).toContain('3.0.0');
  expect(await catalogue.names(undefined, 10)).toEqual(['kit', 'other']);
  expect(await catalogue.names('kit', 10)).toEqual(['other']);
});

const decided = async (policy: Partial<CataloguePolicy>, ...by: Author[]): Promise<PackageState | undefined> => decidedAt(() => epoch, policy, ...by);
const decidedAt = async (now: () => number, policy: Partial<CataloguePolicy>, ...by: Author[]): Promise<PackageState | undefined> => {
  const logs = new MemoryLogStore({ now });
  for (const one of by) await logs.append(one.records);
  return new Catalogue(logs, { ...noPolicy, ...policy }).package('kit');
};

test('two claims that come at one moment are a contest until a binding decides; a binding also counts against the only claimant', async () => {
  const [ada, eve, zoe] = [author('ada'), author('eve'), author('zoe')];
  ada.releases('kit', '1.0.0');
  eve.releases('kit', '9.0.0');
  const contested = await decided({ alwaysBySight: false }, ada, eve);
  expect(contested?.publisher).toBeUndefined();
  expect(() => requireBound(contested as PackageState)).toThrow(expect.objectContaining({ code: 'CONTESTED_NAME', hint: expect.stringContaining('souk policy bind kit '), details: expect.objectContaining({ claimants: [ada.id, eve.id].sort() }) }));
  expect((await decided({ alwaysBySight: false, boundTo: () => eve.id }, ada, eve))?.publisher).toBe(eve.id);
  expect((await decided({ alwaysBySight: false }, ada))?.publisher).toBe(ada.id);
  let moment = epoch;
  expect((await decidedAt(() => (moment += 1), { alwaysBySight: false }, ada, eve))?.publisher).toBe(ada.id);
  const squatted = await decided({ boundTo: () => zoe.id }, eve);
  expect(squatted).toMatchObject({ boundTo: zoe.id, claimants: [eve.id], versions: [] });
  expect(() => requireBound(squatted as PackageState)).toThrow(expect.objectContaining({ code: 'CONTESTED_NAME', message: expect.stringContaining(zoe.id) }));
});

test("a ban keeps the name its publisher's and nothing of it installable; a banned key's records do not count; what is taken down is not there", async () => {
  const ada = author('ada');
  ada.releases('kit', '1.0.0');
  ada.releases('kit', '1.1.0');
  const ban = { subject: { type: 'publisher' as const, id: ada.id }, reason: 'malware' };
  const banned = await decided({ banOf: () => ban }, ada);
  expect(banned?.publisher).toBe(ada.id);
  expect(() => requireBound(banned as PackageState)).toThrow(expect.objectContaining({ code: 'BANNED', message: expect.stringContaining('malware'), hint: expect.any(String) }));
  expect(await decided({ isShutOut: (key) => key === ada.device.key }, ada)).toBeUndefined();
  expect(versionsOf(await decided({ isTakenDown: (one) => one.version === '1.1.0' }, ada))).toEqual(['1.0.0']);
});
