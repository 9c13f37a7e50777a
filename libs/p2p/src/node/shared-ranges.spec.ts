import { expect, test } from '@jest/globals';
import { defaultSharedRanges, SharedRanges } from './shared-ranges.ts';

test('loopback and private addresses are shared unless told otherwise, public ones are not', () => {
  const ranges = new SharedRanges(defaultSharedRanges);
  const ips = ['127.0.0.1', '10.1.2.3', '192.168.0.9', '172.16.5.5', '172.32.0.1', '::1', 'fd12::1', '::ffff:10.0.0.1', '8.8.8.8', '2001:db8::1', 'nonsense'];
  expect(ips.filter((ip) => ranges.has(ip))).toEqual(['127.0.0.1', '10.1.2.3', '192.168.0.9', '172.16.5.5', '::1', 'fd12::1', '::ffff:10.0.0.1']);
});

test('ranges that are named count, and no others', () => {
  const ranges = new SharedRanges(['203.0.113.0/24', '2001:db8::/32']);
  const addresses = ['/ip4/203.0.113.9/tcp/7686', '/ip6/2001:db8::1/tcp/1/p2p/x', '/ip4/127.0.0.1/tcp/1', '/dns/example.com/tcp/1', '/memory/a'];
  expect(addresses.map((address) => ranges.hasAddress(address))).toEqual([true, true, false, false, true]);
  expect(new SharedRanges([]).has('127.0.0.1')).toBe(false);
});

test.each(['10.0.0.0', '10.0.0.0/33', '10.0.0/8', 'fd00::/129', '10.0.0.0/', '10.0.0.0/-1', 'everybody'])('%s is no range', (cidr) => {
  expect(() => new SharedRanges([cidr])).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
});
