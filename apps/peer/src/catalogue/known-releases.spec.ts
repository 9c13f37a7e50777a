import { expect, test } from '@jest/globals';
import { blobCid, Catalogue, MemoryLogStore, sha256Of, type Cid } from '@souk/domain';
import { author } from '@souk/testing';
import { KnownReleases } from './known-releases.ts';

const cidOf = (text: string): Cid => blobCid(sha256Of(new TextEncoder().encode(text)));
const blob = new TextEncoder().encode('one archive');

async function scene(): Promise<{ logs: MemoryLogStore; known: KnownReleases; named: (cid: Cid) => Promise<string[]> }> {
  const logs = new MemoryLogStore({ now: () => 0 });
  const known = new KnownReleases(logs, new Catalogue(logs));
  return { logs, known, named: async (cid) => (await known.of(cid)).map((one) => `${one.name}@${one.version}`) };
}

test('finds what names a blob, also what came since it was last asked', async () => {
  const { logs, named } = await scene();
  const ada = author('ada');
  ada.releases('mitt', '1.0.0');
  await logs.append([...ada.records]);
  expect(await named(cidOf('mitt@1.0.0'))).toEqual(['mitt@1.0.0']);
  expect(await named(cidOf('ms@2.0.0'))).toEqual([]);
  const later = [ada.releases('ms', '2.0.0'), ada.releases('ms-copy', '2.0.0', { blob: new TextEncoder().encode('ms@2.0.0') })];
  await logs.append(later);
  const [first, second] = await Promise.all([named(cidOf('ms@2.0.0')), named(cidOf('mitt@1.0.0'))]);
  expect([first, second]).toEqual([['ms@2.0.0', 'ms-copy@2.0.0'], ['mitt@1.0.0']]);
});

test('what does not count names nothing: of a key that nobody stands behind, a second cid, a name that two claim', async () => {
  const { logs, named } = await scene();
  const [ada, bob, eve] = [author('ada'), author('bob'), author('eve')];
  eve.releases('stray', '1.0.0');
  await logs.append([...eve.device.records]);
  ada.releases('kit', '1.0.0');
  ada.releases('kit', '1.0.0', { blob });
  bob.releases('bobs', '1.0.0');
  await logs.append([...ada.records, ...bob.records]);
  expect(await named(cidOf('stray@1.0.0'))).toEqual([]);
  expect(await named(cidOf('kit@1.0.0'))).toEqual(['kit@1.0.0']);
  expect(await named(blobCid(sha256Of(blob)))).toEqual([]);
  expect(await named(cidOf('bobs@1.0.0'))).toEqual(['bobs@1.0.0']);
});

test('many names of one blob are bounded', async () => {
  const { logs, named } = await scene();
  const ada = author('ada');
  for (let number = 0; number < 30; number += 1) ada.releases(`copy-${number}`, '1.0.0', { blob });
  await logs.append([...ada.records]);
  expect(await named(blobCid(sha256Of(blob)))).toHaveLength(16);
});
