import { expect, test } from '@jest/globals';
import { LogWriter } from '@souk/testing/builders';
import type { VerifiedRecord } from '../record/signed-record.ts';
import { SiteChain } from './site-chain.ts';

function site(name: string, ...accounts: string[]): VerifiedRecord[] {
  const log = new LogWriter(name);
  log.write('inception', { rootKey: log.key });
  for (const id of accounts) log.write('account', { id, name: id, role: 'admin' });
  return log.records;
}

function chainOf(records: readonly VerifiedRecord[]): SiteChain {
  const chain = new SiteChain();
  for (const record of records) chain.take(record);
  return chain;
}

test('a log is followed from its inception', () => {
  const chain = chainOf(site('site', 'ada', 'ben'));
  expect([chain.length, chain.head?.seq]).toEqual([3, 2]);
});

test.each<[string, VerifiedRecord[]]>([
  ['of a foreign key', site('thief', 'ada', 'eve')],
  ['that replaces an earlier one', site('site', 'eve', 'ben')],
  ['that comes too early', site('site', 'ada', 'ben', 'eve').slice(1)],
])('a record %s is refused, and nothing of it is taken', (_what, others) => {
  const chain = chainOf(site('site', 'ada'));
  expect(() => chain.take(others[2] as VerifiedRecord)).toThrow(expect.objectContaining({ code: 'BAD_RECORD' }));
  expect(chain.length).toBe(2);
  chain.take(site('site', 'ada', 'ben')[2] as VerifiedRecord);
});

test('a forged signature is refused, and so is a log that does not begin with its own inception', () => {
  const [first, second] = site('site', 'ada') as [VerifiedRecord, VerifiedRecord];
  const chain = chainOf([first]);
  expect(() => chain.take({ ...second, signature: first.signature })).toThrow(expect.objectContaining({ code: 'BAD_SIGNATURE' }));
  const stray = new LogWriter('stray');
  stray.write('inception', { rootKey: first.key });
  expect(() => new SiteChain().take(stray.records[0] as VerifiedRecord)).toThrow(expect.objectContaining({ code: 'BAD_RECORD' }));
});
