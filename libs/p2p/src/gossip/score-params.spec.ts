import { expect, test } from '@jest/globals';
import { scoreParams } from './score-params.ts';

const rank = (): number => 0.5;

test('loopback and private addresses may house many peers when that is allowed, public ones never', () => {
  const exempt = scoreParams({ exemptPrivateRanges: true, rank }).IPColocationFactorWhitelist;
  const strict = scoreParams({ exemptPrivateRanges: false, rank }).IPColocationFactorWhitelist;
  const ips = ['127.0.0.1', '10.1.2.3', '192.168.0.9', '172.16.5.5', '::1', '8.8.8.8'];
  expect(ips.map((ip) => exempt?.has(ip))).toEqual([true, true, true, true, true, false]);
  expect(ips.some((ip) => strict?.has(ip))).toBe(false);
});

test('reputation moves a score both ways and means nothing when it is unknown', () => {
  const score = (value: number): number => scoreParams({ exemptPrivateRanges: true, rank: () => value }).appSpecificScore?.('peer') ?? Number.NaN;
  expect([score(0), score(0.5), score(1)]).toEqual([-0.5, 0, 0.5]);
});
