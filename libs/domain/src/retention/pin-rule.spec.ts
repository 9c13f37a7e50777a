import { expect, test } from '@jest/globals';
import { author } from '@souk/testing/builders';
import { Catalogue, isPinPattern, MemoryLogStore, namedBlob, pinRule, type NamedRelease, type VerifiedRecord } from '../index.ts';

const ada = author('ada');
const mallory = author('mallory');
const kit = ada.releases('@team/kit', '1.0.0');
const chalk = ada.releases('chalk', '5.0.0');
const fake = mallory.releases('chalk', '5.0.1');
const logs = new MemoryLogStore({ now: () => 1 });
await logs.append([...ada.records, ...mallory.records]);

async function kept(...patterns: string[]): Promise<VerifiedRecord[]> {
  const rule = pinRule(patterns, new Catalogue(logs));
  const judged = await Promise.all([kit, chalk, fake].map(async (record) => [record, await rule.keeps(namedBlob(record) as NamedRelease)] as const));
  return judged.filter(([, isKept]) => isKept).map(([record]) => record);
}

test('a rule keeps names, scopes, publishers or everything', async () => {
  expect(await kept()).toEqual([]);
  expect(await kept('@team/*')).toEqual([kit]);
  expect(await kept('@team/kit', 'other')).toEqual([kit]);
  expect(await kept(ada.root.key)).toEqual([kit, chalk]);
  expect(await kept('*')).toEqual([kit, chalk, fake]);
});

test('a name that somebody else signs under is not kept', async () => {
  expect(await kept('chalk')).toEqual([chalk]);
});

test('equal rules have equal fingerprints', () => {
  const print = (...patterns: string[]): string => pinRule(patterns, new Catalogue(logs)).fingerprint;
  expect(print('a', 'b')).toBe(print('b', 'a', 'a'));
  expect(print('a')).not.toBe(print('a', 'b'));
});

test.each(['*', 'chalk', '@team/*', '@team/kit', ada.root.key])('%s is a pattern', (text) => expect(isPinPattern(text)).toBe(true));
test.each(['', 'team/*', '@team', 'ch*lk', 'UPPER', '@/*', '../x', '@team/*/x'])('%j is none', (text) => expect(isPinPattern(text)).toBe(false));

test('a record that is no release, or whose body is erased or nonsense, names no blob', () => {
  expect(namedBlob(ada.root.records[0] as VerifiedRecord)).toBeUndefined();
  expect(namedBlob({ ...kit, body: undefined } as unknown as VerifiedRecord)).toBeUndefined();
  expect(namedBlob(mallory.device.writeBytes('release', Uint8Array.of(0xff)))).toBeUndefined();
  expect(namedBlob(mallory.device.writeBytes('release', Uint8Array.of(0x01)))).toBeUndefined();
});
