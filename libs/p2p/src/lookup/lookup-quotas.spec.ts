import { expect, test } from '@jest/globals';
import { defaultLookupLimits } from './lookup-limits.ts';
import { LookupQuotas } from './lookup-quotas.ts';

const limits = { ...defaultLookupLimits, finds: { perSecond: 10, burst: 20 }, leases: { perSecond: 1, burst: 2 }, told: { perSecond: 100, burst: 1000 }, groupFactor: 3 };
const limited = expect.objectContaining({ code: 'RATE_LIMITED', hint: expect.any(String) });

test('a peer may look up so many cids at once, and more as time passes; others are not concerned', () => {
  const quotas = new LookupQuotas(limits);
  quotas.takeFinds('a', 'here', 20, 0);
  expect(() => quotas.takeFinds('a', 'here', 1, 0)).toThrow(limited);
  quotas.takeFinds('b', 'here', 1, 0);
  quotas.takeFinds('a', 'here', 10, 1000);
  expect(() => quotas.takeFinds('a', 'here', 1, 1000)).toThrow(limited);
});

test('many peers of one address group share a quota: new identities gain nothing beyond it', () => {
  const quotas = new LookupQuotas(limits);
  for (const peer of ['a', 'b', 'c']) quotas.takeFinds(peer, 'crowd', 20, 0);
  expect(() => quotas.takeFinds('d', 'crowd', 1, 0)).toThrow(limited);
  quotas.takeFinds('e', 'elsewhere', 20, 0);
});

test('leases have a quota of their own', () => {
  const quotas = new LookupQuotas(limits);
  quotas.takeFinds('a', 'here', 20, 0);
  for (let brought = 0; brought < 2; brought += 1) quotas.takeLease('a', 'here', 0);
  expect(() => quotas.takeLease('a', 'here', 0)).toThrow(limited);
  quotas.takeLease('a', 'here', 1000);
});

test('so have the cids that leases tell of', () => {
  const quotas = new LookupQuotas(limits);
  quotas.takeTold('a', 'here', 1000, 0);
  expect(() => quotas.takeTold('a', 'here', 1, 0)).toThrow(limited);
  quotas.takeTold('b', 'here', 1000, 0);
  quotas.takeTold('c', 'here', 1000, 0);
  expect(() => quotas.takeTold('d', 'here', 1, 0)).toThrow(limited);
  quotas.takeTold('a', 'here', 100, 1000);
});
