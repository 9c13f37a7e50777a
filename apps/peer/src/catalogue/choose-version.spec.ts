import { expect, test } from '@jest/globals';
import { Catalogue, MemoryLogStore, type PackageState } from '@souk/domain';
import { author } from '@souk/testing';
import { chooseVersion } from './choose-version.ts';

async function mitt(): Promise<PackageState> {
  const ada = author('ada');
  for (const version of ['1.0.0', '1.2.0', '1.3.0', '2.0.0-rc.1']) ada.releases('mitt', version);
  ada.device.write('tag', { name: 'mitt', tag: 'next', version: '2.0.0-rc.1' });
  ada.device.write('retract', { name: 'mitt', version: '1.3.0', how: 'yank', reason: 'broken' });
  const logs = new MemoryLogStore({ now: () => 0 });
  await logs.append([...ada.records]);
  const state = await new Catalogue(logs).package('mitt');
  if (!state) throw new Error('mitt was published');
  return state;
}

test.each([
  ['1.0.0', '1.0.0'],
  ['1.3.0', '1.3.0'],
  ['next', '2.0.0-rc.1'],
  ['latest', '1.2.0'],
  ['', '1.2.0'],
  ['^1.0.0', '1.2.0'],
  ['*', '1.2.0'],
  ['>=2.0.0-rc', '2.0.0-rc.1'],
  ['1.0', '1.0.0'],
])('%j means %s', async (wanted, version) => {
  expect(chooseVersion(await mitt(), wanted).version).toBe(version);
});

test.each(['9.9.9', '^9.0.0', 'beta', '~1.3.0', 'constructor'])('%s is not there, and the error lists what is', async (wanted) => {
  const state = await mitt();
  expect(() => chooseVersion(state, wanted)).toThrow(expect.objectContaining({ code: 'VERSION_NOT_FOUND', details: expect.objectContaining({ name: 'mitt', wanted, versions: ['2.0.0-rc.1', '1.3.0', '1.2.0', '1.0.0'], tags: { latest: '1.2.0', next: '2.0.0-rc.1' } }) }));
});

test.each(['not a range', '1.x.y.z', '>>1'])('%j is no version, tag or range', async (wanted) => {
  const state = await mitt();
  expect(() => chooseVersion(state, wanted)).toThrow(expect.objectContaining({ code: 'BAD_RANGE' }));
});
