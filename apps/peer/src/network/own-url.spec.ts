import { expect, test } from '@jest/globals';
import type { HttpAdapterHost } from '@nestjs/core';
import type { networkInterfaces } from 'node:os';
import { ownUrl } from './own-url.ts';

type Interfaces = ReturnType<typeof networkInterfaces>;

const listeningOn = (address: { address: string; port: number } | null): HttpAdapterHost => ({ httpAdapter: { getHttpServer: () => ({ address: () => address }) } }) as unknown as HttpAdapterHost;
const interfaceWith = (...addresses: string[]): NonNullable<Interfaces[string]> =>
  addresses.map((address) => ({ address, family: address.includes(':') ? 'IPv6' : 'IPv4', internal: address === '127.0.0.1' || address === '::1', netmask: '', mac: '', cidr: null, scopeid: 0 }) as NonNullable<Interfaces[string]>[number]);

const pod: Interfaces = { lo: interfaceWith('127.0.0.1', '::1'), eth0: interfaceWith('fe80::1', 'fd00::7', '10.1.2.3') };

test.each([
  ['127.0.0.1', pod, 'http://127.0.0.1:7687'],
  ['10.9.9.9', pod, 'http://10.9.9.9:7687'],
  ['::1', pod, 'http://[::1]:7687'],
  ['0.0.0.0', pod, 'http://10.1.2.3:7687'],
  ['::', pod, 'http://10.1.2.3:7687'],
  ['::', { eth0: interfaceWith('fe80::1', 'fd00::7') }, 'http://[fd00::7]:7687'],
  ['0.0.0.0', { eth0: interfaceWith('fe80::1', 'fd00::7') }, 'http://127.0.0.1:7687'],
  ['0.0.0.0', { lo: interfaceWith('127.0.0.1') }, 'http://127.0.0.1:7687'],
])('who listens on %s is reached where others can', (address, interfaces, url) => {
  expect(ownUrl(listeningOn({ address, port: 7687 }), () => interfaces)).toBe(url);
});

test('who does not listen yet says so', () => {
  expect(() => ownUrl(listeningOn(null))).toThrow('The peer does not listen yet.');
});
