import { Resolver } from 'node:dns/promises';
import { expect, test } from '@jest/globals';
import { peerIdOf, seedFrom, signerOf } from '@souk/domain';
import { DnsServer } from '@souk/testing/dns';
import { resolveAddress } from './resolve-addresses.ts';

const id = (name: string): string => peerIdOf(signerOf(seedFrom(name)).publicKey);

async function asked(server: DnsServer, address: string): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: 1000, tries: 1 });
  resolver.setServers([server.address]);
  return resolveAddress(address, resolver);
}

test('a headless service is each of its pods, of both families; what names one peer stays as it is', async () => {
  await using server = await DnsServer.start({ 'supers.souk.svc': { a: ['192.0.2.2', '192.0.2.1'], aaaa: ['2001:db8::1'] } });
  expect(await asked(server, '/dns/supers.souk.svc/tcp/7686')).toEqual(['/ip4/192.0.2.1/tcp/7686', '/ip4/192.0.2.2/tcp/7686', '/ip6/2001:db8::1/tcp/7686']);
  expect(await asked(server, '/dns4/supers.souk.svc/tcp/7686')).toHaveLength(2);
  expect(await asked(server, '/dns6/supers.souk.svc/tcp/7686')).toEqual(['/ip6/2001:db8::1/tcp/7686']);
  const one = `/dns4/pod-0.supers.souk.svc/tcp/7686/p2p/${id('pod-0')}`;
  expect(await asked(server, one)).toEqual([one]);
  await expect(asked(server, '/dns4/nowhere.souk.svc/tcp/7686')).rejects.toMatchObject({ code: 'ENOTFOUND' });
});

test('dnsaddr leads to what its TXT records name, of one peer if it is asked for, through other names, and never for ever', async () => {
  const [a, b] = [`/ip4/192.0.2.1/tcp/1/p2p/${id('a')}`, `/ip4/192.0.2.2/tcp/2/p2p/${id('b')}`];
  await using server = await DnsServer.start({
    '_dnsaddr.souk.example': { txt: [`dnsaddr=${a}`, 'dnsaddr=/dnsaddr/eu.souk.example', 'v=spf1 -all', 'dnsaddr=nonsense'] },
    '_dnsaddr.eu.souk.example': { txt: [`dnsaddr=${b}`] },
    '_dnsaddr.loop.example': { txt: ['dnsaddr=/dnsaddr/loop.example', `dnsaddr=${a}`] },
    '_dnsaddr.many.example': { txt: Array.from({ length: 20 }, (_, at) => `dnsaddr=/dnsaddr/wide-${at}.example`) },
    ...Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`_dnsaddr.wide-${at}.example`, { txt: Array.from({ length: 5 }, (_, port) => `dnsaddr=/ip4/192.0.2.${at + 1}/tcp/${port + 1}`) }])),
  });
  expect([...(await asked(server, '/dnsaddr/souk.example'))].sort()).toEqual([a, b]);
  expect(await asked(server, `/dnsaddr/souk.example/p2p/${id('b')}`)).toEqual([b]);
  expect(await asked(server, `/dnsaddr/souk.example/p2p/${id('c')}`)).toEqual([]);
  expect(await asked(server, '/dnsaddr/loop.example')).toEqual([a]);
  expect(await asked(server, '/dnsaddr/many.example')).toHaveLength(64);
});
