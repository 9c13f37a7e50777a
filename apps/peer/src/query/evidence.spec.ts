import { expect, test } from '@jest/globals';
import { followedKeys, MemoryLogStore, verify, type KeyId, type SignedRecord, type VerifiedRecord } from '@souk/domain';
import { frameCost } from '@souk/p2p';
import { author, LogWriter } from '@souk/testing/builders';
import { evidenceOfList, evidenceOfPackages } from './evidence.ts';

const options = { maxBytes: 4_194_304, signal: new AbortController().signal };

async function logsOf(...all: readonly (readonly VerifiedRecord[])[]): Promise<MemoryLogStore> {
  const logs = new MemoryLogStore({ now: () => 0 });
  for (const records of all) await logs.append(records);
  return logs;
}

const hashes = (records: readonly SignedRecord[]): string[] => records.map((one) => Buffer.from(verify(one).hash).toString('hex')).sort();

test('a package is told by all records about it and those behind their keys, each once, and nothing else', async () => {
  const [ada, bob] = [author('ada'), author('bob')];
  const kit = [ada.releases('kit', '1.0.0'), ada.releases('kit', '1.1.0')];
  const other = ada.releases('other', '1.0.0');
  bob.releases('tool', '1.0.0');
  const { records, later } = await evidenceOfPackages(await logsOf(ada.records, bob.records), ['kit', 'unknown'], options);
  expect(later).toBeUndefined();
  expect(hashes(records)).toEqual(hashes(ada.records.filter((one) => one !== other)));
  expect(kit).toHaveLength(2);
});

test('what does not fit is left for later; of a package that alone is too much the newest is told', async () => {
  const ada = author('ada');
  const all = Array.from({ length: 20 }, (_, patch) => ada.releases('kit', `1.0.${patch}`));
  const tool = ada.releases('tool', '1.0.0');
  const logs = await logsOf(ada.records);
  const maxBytes = 12 * frameCost(all[0] as VerifiedRecord);
  const first = await evidenceOfPackages(logs, ['kit', 'tool', 'kit'], { ...options, maxBytes });
  const told = hashes(first.records);
  expect(told).toContain(hashes([all[19] as VerifiedRecord])[0]);
  expect(told).not.toContain(hashes([all[0] as VerifiedRecord])[0]);
  const small = await evidenceOfPackages(logs, ['tool', 'kit'], { ...options, maxBytes });
  expect(hashes(small.records)).toContain(hashes([tool])[0]);
  expect(small.later ?? []).toEqual(small.records.length > 5 ? [] : ['kit']);
});

test('what a list means is shown by a release of each who publishes in it, with the keys of their publishers', async () => {
  const [ada, bob, eve] = [author('ada'), author('bob'), author('eve')];
  for (let patch = 0; patch < 5; patch += 1) ada.releases('@team/kit', `1.0.${patch}`);
  ada.releases('@team/more', '1.0.0');
  bob.releases('tool', '1.0.0');
  eve.releases('@teams/kit', '1.0.0');
  const list = { publishers: [bob.id], names: ['@team/*'] };
  const { records } = await evidenceOfList(await logsOf(ada.records, bob.records, eve.records), list, options);
  const verified = records.map(verify);
  expect(await followedKeys(verified, list)).toEqual(new Set<KeyId>([ada.root.key, ada.device.key, bob.root.key, bob.device.key]));
  expect(verified.filter((one) => one.fields.kind === 'release')).toHaveLength(1);
});

test('who publishes in a scope without a publisher behind it is not told', async () => {
  const ada = author('ada');
  const kit = ada.releases('@team/kit', '1.0.0');
  const { records } = await evidenceOfList(await logsOf(ada.device.records), { publishers: [], names: ['@team/*'] }, options);
  expect([records, kit.fields.kind]).toEqual([[], 'release']);
});

test('an answer that nobody waits for any more is not made', async () => {
  const writer = new LogWriter('nobody');
  await expect(evidenceOfPackages(await logsOf(writer.records), ['kit'], { ...options, signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone');
});
