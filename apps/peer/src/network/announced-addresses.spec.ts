import { expect, test } from '@jest/globals';
import { loadConfig } from '@souk/nest';
import { peerConfig } from '../config.ts';
import { announcedAddresses } from './announced-addresses.ts';

const announced = (env: Record<string, string>): readonly string[] | undefined => announcedAddresses(loadConfig(peerConfig, { SOUK_SITE_SECRET: 'secret-of-this-site', ...env }));

test('what has no name is announced by every peer', () => {
  expect(announced({})).toBeUndefined();
  expect(announced({ SOUK_P2P_ANNOUNCE: '/dns4/a.example/tcp/1, /ip4/192.0.2.1/tcp/2' })).toEqual(['/dns4/a.example/tcp/1', '/ip4/192.0.2.1/tcp/2']);
  expect(announced({ SOUK_P2P_ANNOUNCE: '/dns4/a.example/tcp/1', SOUK_POD: 'souk-peer-7' })).toEqual(['/dns4/a.example/tcp/1']);
});

test('pods that share their settings announce each what begins with its name', () => {
  const all = 'souk-peer-0@/dns4/a.example/tcp/1,souk-peer-1@/dns4/b.example/tcp/1,souk-peer-10@/dns4/c.example/tcp/1,/dns4/all.example/tcp/1';
  expect(announced({ SOUK_P2P_ANNOUNCE: all, SOUK_POD: 'souk-peer-1' })).toEqual(['/dns4/b.example/tcp/1', '/dns4/all.example/tcp/1']);
});

test('a pod for which there is no address does not start, rather than announce what nobody can dial', () => {
  const one = 'souk-peer-0@/dns4/a.example/tcp/1';
  expect(() => announced({ SOUK_P2P_ANNOUNCE: one, SOUK_POD: 'souk-peer-1' })).toThrow('SOUK_P2P_ANNOUNCE has no address for the pod souk-peer-1.');
  expect(() => announced({ SOUK_P2P_ANNOUNCE: one })).toThrow('SOUK_P2P_ANNOUNCE has no address for a peer without SOUK_POD.');
});

test.each(['souk-peer-0', '@/ip4/192.0.2.1/tcp/1', 'a@b@/ip4/192.0.2.1/tcp/1', 'Pod@/ip4/192.0.2.1/tcp/1', '/dnsaddr/example.org', '/ip4/192.0.2.1'])('%s is no address to announce', (wrong) => {
  expect(() => announced({ SOUK_P2P_ANNOUNCE: wrong })).toThrow('expected multiaddrs such as');
});
