import { expect, test } from '@jest/globals';
import { seedFrom, toHex } from '@souk/domain';
import { DnsServer } from '@souk/testing/dns';
import { TestPeer } from '../testing/test-peer.ts';

const env = { SOUK_NETWORK_KEY: toHex(seedFrom('network')) };
const name = 'peers.souk.svc';

async function linked(peer: TestPeer, ...others: readonly TestPeer[]): Promise<void> {
  const { node } = peer.runtime;
  const isSo = (): boolean => others.every((other) => node.links().some((link) => link.peer === other.runtime.node.peerId));
  if (!isSo()) await new Promise<void>((resolve) => node.onLinks(() => (isSo() ? resolve() : undefined)));
}

test('a peer finds those behind a headless service, also such as come later, and forgets nobody while DNS is silent', async () => {
  await using server = await DnsServer.start({ [name]: { a: ['127.0.0.1'] } });
  await using first = await TestPeer.start({ env });
  const [, port = ''] = /tcp\/(\d+)/.exec(first.runtime.node.multiaddrs()[0] ?? '') ?? [];
  await using seeker = await TestPeer.start({ env: { ...env, SOUK_BOOTSTRAP: `/dns4/${name}/tcp/${port}`, SOUK_DNS_SERVERS: server.address, SOUK_DNS_SECONDS: '0.1' } });
  await linked(seeker, first);
  server.names.set(name, { a: ['127.0.0.1', '127.0.0.2'] });
  await using second = await TestPeer.start({ env: { ...env, SOUK_P2P_HOST: '127.0.0.2', SOUK_P2P_PORT: port } });
  await linked(seeker, first, second);
  server.isSilent = true;
  expect(seeker.runtime.peers.contacts()).toEqual([`/ip4/127.0.0.1/tcp/${port}`, `/ip4/127.0.0.2/tcp/${port}`]);
});

test('a leaf finds its super-peers by a name', async () => {
  await using server = await DnsServer.start({ 'supers.souk.svc': { a: ['127.0.0.1'] } });
  await using superPeer = await TestPeer.start({ env: { ...env, SOUK_ROLE: 'super' } });
  const [, port = ''] = /tcp\/(\d+)/.exec(superPeer.runtime.node.multiaddrs()[0] ?? '') ?? [];
  await using leaf = await TestPeer.start({ env: { ...env, SOUK_ROLE: 'leaf', SOUK_SUPERS: `/dns4/supers.souk.svc/tcp/${port}`, SOUK_DNS_SERVERS: server.address } });
  const { node } = leaf.runtime;
  if (node.superPeers().length === 0) await new Promise<void>((resolve) => node.onLinks(() => (node.superPeers().length > 0 ? resolve() : undefined)));
  expect(node.superPeers()).toEqual([superPeer.runtime.node.peerId]);
});
