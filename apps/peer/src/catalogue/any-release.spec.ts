import { expect, test } from '@jest/globals';
import { CandidatesDoc, PackageDoc, PackageSummary, VersionDoc } from '@souk/contracts';
import { bodies, Catalogue, MemoryLogStore, type ReleaseBody, type VersionState } from '@souk/domain';
import { LogWriter, author, epoch } from '@souk/testing';
import { fc } from '@souk/testing/properties';
import { sampleOf, schemasOf } from '@souk/testing/skew';
import { readCandidatesOf } from './candidates.ts';
import { changesAfter } from './changes.ts';
import { packageDoc } from './package-doc.ts';
import { versionDoc } from './version-doc.ts';

const anyRelease = sampleOf(schemasOf(bodies.release).writes) as fc.Arbitrary<ReleaseBody>;

// An answer that breaks its contract is refused, and whoever follows would ask for it for ever: one publisher could stop every index.
test('whatever a signed release says, what is answered of it fits its contracts', async () => {
  await fc.assert(
    fc.asyncProperty(anyRelease, async (body) => {
      const logs = new MemoryLogStore({ now: () => epoch });
      const ada = author('ada');
      ada.device.write('release', body);
      await logs.append([...ada.records]);
      const catalogue = new Catalogue(logs);
      const state = await catalogue.package(body.name);
      if (!state) throw new Error('the release is not in the catalogue');
      const { packages } = await changesAfter(logs, 0, 10);
      expect(PackageSummary.parse(packages[0])).toEqual(packages[0]);
      PackageDoc.parse(packageDoc(state));
      VersionDoc.parse(versionDoc(state.versions[0] as VersionState));
      CandidatesDoc.parse((await readCandidatesOf(catalogue, [body.name])).packages[0]);
    }),
    { numRuns: 60 },
  );
});

test('records with bodies that break their kind are passed by', async () => {
  const logs = new MemoryLogStore({ now: () => epoch });
  const ada = author('ada');
  for (const kind of Object.keys(bodies)) ada.device.writeBytes(kind, Uint8Array.of(0xa0));
  ada.releases('mitt', '1.0.0');
  const stranger = new LogWriter('stranger');
  for (const kind of Object.keys(bodies)) stranger.writeBytes(kind, Uint8Array.of(0xff));
  await logs.append([...ada.records, ...stranger.records]);
  expect(await changesAfter(logs, 0, 100)).toMatchObject({ packages: [{ name: 'mitt' }], caughtUp: true });
});
