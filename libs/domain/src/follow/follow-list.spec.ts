import { expect, test } from '@jest/globals';
import { author, LogWriter } from '@souk/testing';
import { followedKeys, isFollowedName } from './follow-list.ts';

const [ada, bob] = [author('ada'), author('bob')];
const adas = ada.releases('@team/kit', '1.0.0');
const bobs = bob.releases('tool', '1.0.0');
const all = [...ada.records, ...bob.records];
const [adasKeys, bobsKeys] = [ada, bob].map((one) => new Set([one.root.key, one.device.key]));

test('a list means all keys of the publishers on it, and of those who publish what is on it', async () => {
  expect(await followedKeys(all, { publishers: [ada.id], names: [] })).toEqual(adasKeys);
  expect(await followedKeys(all, { publishers: [], names: ['@team/*'] })).toEqual(adasKeys);
  expect(await followedKeys(all, { publishers: [], names: ['tool'] })).toEqual(bobsKeys);
  expect(await followedKeys(all, { publishers: [ada.id], names: ['tool'] })).toEqual(new Set([...(adasKeys ?? []), ...(bobsKeys ?? [])]));
  expect(await followedKeys(all, { publishers: [], names: ['other', '@tool/*'] })).toEqual(new Set());
});

test('of each log a release is enough, with the records behind its key', async () => {
  expect(await followedKeys([...ada.root.records, ...ada.device.records.slice(0, 1), adas], { publishers: [], names: ['@team/kit'] })).toEqual(adasKeys);
});

test('a key that nobody stands behind is not followed, whatever it publishes', async () => {
  const undelegated = [...bob.device.records, bobs];
  expect(await followedKeys(undelegated, { publishers: [bob.id], names: ['tool'] })).toEqual(new Set());
  const mallory = new LogWriter('mallory');
  mallory.write('inception', { rootKey: bob.id });
  expect(await followedKeys([...all, ...mallory.records], { publishers: [bob.id], names: [] })).toEqual(bobsKeys);
});

test('a key that was delegated and has not written yet is followed', async () => {
  const carol = author('carol');
  expect(await followedKeys(carol.root.records, { publishers: [carol.id], names: [] })).toEqual(new Set([carol.root.key, carol.device.key]));
});

test('a scope is not the beginning of another one', () => {
  expect(['@team/kit', '@teams/kit', 'team'].map((name) => isFollowedName({ names: ['@team/*'] }, name))).toEqual([true, false, false]);
});
