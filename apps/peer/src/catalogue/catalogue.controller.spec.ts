import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readCandidates, readChanges, readLog, readPackage, readProof, readPublisher, readStars, readVersion } from '@souk/contracts';
import { carriedEvidence, counts, fromWire, readFact, readWriter, verify, type PackageName, type Version } from '@souk/domain';
import { author, packed, type Packed } from '@souk/testing';
import { TestPeer } from '../testing/test-peer.ts';

const ada = author('ada');
const [name, version] = ['mitt' as PackageName, '1.0.0' as Version];
let peer: TestPeer;
let newest: Packed;

beforeAll(async () => {
  peer = await TestPeer.start();
  for (const one of ['1.0.0', '1.1.0']) {
    newest = await packed(name, one, { manifest: { description: 'Emits events', license: 'MIT', keywords: ['events'], dependencies: { ms: '^2.0.0' } } });
    await peer.upload(newest.cid, newest.bytes);
    ada.device.write('release', newest.body);
  }
  ada.device.write('tag', { name, tag: 'next', version: '1.1.0' });
  ada.device.write('retract', { name, version: '1.0.0', how: 'deprecate', reason: 'use 1.1' });
  ada.device.write('star', { name, on: true });
  await peer.append(...ada.records);
});
afterAll(() => peer[Symbol.asyncDispose]());

test('a package', async () => {
  expect(await peer.rpc.call(readPackage, { name })).toMatchObject({
    name,
    kind: 'package',
    publisher: ada.id,
    claimants: [ada.id],
    latest: '1.1.0',
    tags: { latest: '1.1.0', next: '1.1.0' },
    description: 'Emits events',
    license: 'MIT',
    keywords: ['events'],
    versions: [{ version: '1.1.0', cid: newest.cid }, { version: '1.0.0', retracted: { how: 'deprecate', reason: 'use 1.1' } }],
    totalVersions: 2,
  });
  await expect(peer.rpc.call(readPackage, { name: 'mitten' as PackageName })).rejects.toMatchObject({ code: 'PACKAGE_NOT_FOUND', details: { name: 'mitten' } });
});

test('a version by version, tag and range', async () => {
  for (const wanted of ['1.1.0', 'next', '^1.0.0', 'latest']) {
    expect(await peer.rpc.call(readVersion, { name, version: wanted })).toMatchObject({ version: '1.1.0', cid: newest.cid, publisher: ada.id, manifest: { dependencies: { ms: '^2.0.0' } }, equivocations: 0 });
  }
  await expect(peer.rpc.call(readVersion, { name, version: '2' })).rejects.toMatchObject({ code: 'VERSION_NOT_FOUND', details: { versions: ['1.1.0', '1.0.0'] } });
});

test('a proof that a stranger can check without trusting this peer', async () => {
  const { records } = await peer.rpc.call(readProof, { packages: [{ name, version }, { name, version: '1.1.0' as Version }] });
  const verified = records.map((one) => verify(fromWire(one)));
  expect(verified).toHaveLength(5);
  const release = verified.find((one) => one.fields.kind === 'release');
  if (!release) throw new Error('the proof has no release');
  const writer = await readWriter(carriedEvidence(verified), release.key);
  expect(writer.publisher).toBe(ada.id);
  expect(counts(writer, release.fields.seq)).toBe(true);
  expect(readFact(release)?.body).toMatchObject({ name, version });
  await expect(peer.rpc.call(readProof, { packages: [{ name, version: '7.0.0' as Version }] })).rejects.toMatchObject({ code: 'VERSION_NOT_FOUND' });
});

test('candidates for a resolver; unknown names are absent', async () => {
  const { packages, later } = await peer.rpc.call(readCandidates, { names: ['nobody' as PackageName, name] });
  expect(later).toEqual([]);
  expect(packages).toEqual([
    {
      name,
      publisher: ada.id,
      claimants: [ada.id],
      tags: { latest: '1.1.0', next: '1.1.0' },
      candidates: [
        { version: '1.1.0', cid: newest.cid, integrity: newest.body.integrity, size: newest.body.size, requirements: { ms: '^2.0.0' }, yanked: false },
        expect.objectContaining({ version: '1.0.0' }),
      ],
    },
  ]);
});

test('changes for projections', async () => {
  const { arrival } = await peer.runtime.data.logs.size();
  const page = await peer.rpc.call(readChanges, { after: 0, limit: 10 });
  expect(page).toMatchObject({ packages: [{ name, version: '1.1.0', versions: 2, stars: 0 }], gone: [], next: arrival, caughtUp: true });
});

test('stars, logs and publishers', async () => {
  expect(await peer.rpc.call(readStars, { names: [name, 'ms' as PackageName] })).toEqual({ stars: { [name]: 1, ms: 0 } });
  const log = await peer.rpc.call(readLog, { key: ada.device.key, from: 1, limit: 2 });
  expect(log.records).toHaveLength(2);
  expect(log.head?.seq).toBe(5);
  const publisher = await peer.rpc.call(readPublisher, { id: ada.device.key });
  expect(publisher).toMatchObject({ id: ada.id, clock: ada.device.clock });
});
