import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { lookupBlob } from '@souk/contracts';
import { blobCid, sha256Of } from '@souk/domain';
import { RawPeer } from '@souk/testing/hostile';
import { TestPeer } from '../testing/test-peer.ts';

const open = { SOUK_NETWORK: 'open' };
const nobodys = blobCid(sha256Of(Uint8Array.of(7)));

/** Waits until a peer's index, or its links, are as they should be. */
async function until(peer: TestPeer, isSo: (node: TestPeer['runtime']['node']) => boolean): Promise<void> {
  const { node } = peer.runtime;
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = (): void => void (isSo(node) && resolve());
  const ends = [node.onIndex(look), node.onLinks(look)];
  look();
  await promise;
  for (const end of ends) end();
}

/** A super-peer, and how others are told of it. */
async function superPeer(env: Record<string, string> = {}): Promise<{ peer: TestPeer; supers: Record<string, string> }> {
  const peer = await TestPeer.start({ env: { ...open, SOUK_ROLE: 'super', ...env } });
  return { peer, supers: { ...open, SOUK_ROLE: 'leaf', SOUK_SUPERS: peer.runtime.node.multiaddrs().join(',') } };
}

test('SOUK_IDENTITIES: one leaf has so many keys, each with links and a lease of its own', async () => {
  const { peer, supers } = await superPeer();
  await using hub = peer;
  await using leaf = await TestPeer.start({ env: { ...supers, SOUK_IDENTITIES: '3' } });
  await until(hub, (node) => node.indexSize()?.leases === 4 && node.links().length === 3);
  expect(new Set(hub.runtime.node.links().map((line) => line.peer))).toEqual(new Set(leaf.runtime.node.identities.map(({ peerId }) => peerId)));
  await leaf.runtime.node.provide([nobodys]);
  await until(hub, (node) => node.indexSize()?.pairs === 1);
});

test.each([
  ['a super-peer with SOUK_MIRROR=on is named for what nobody leases', 'on', 'super'],
  ['one without it is not', 'off', 'none'],
])('SOUK_MIRROR: %s', async (_what, SOUK_MIRROR, tier) => {
  const { peer, supers } = await superPeer({ SOUK_MIRROR });
  await using hub = peer;
  await using boastful = await TestPeer.start({ env: { ...supers, SOUK_MIRROR: 'on' } });
  await using seeker = await TestPeer.start({ env: supers });
  await until(seeker, (node) => node.superPeers().length === 1);
  await until(hub, (node) => node.indexSize()?.leases === 3);
  const found = await seeker.rpc.call(lookupBlob, { cid: nobodys });
  expect(found.foundIn ?? 'none').toBe(tier);
  expect(found.providers).toEqual(tier === 'super' ? [expect.objectContaining({ peer: hub.runtime.node.peerId })] : []);
  // Of a leaf nobody believes it.
  expect(JSON.stringify(found.providers)).not.toContain(boastful.runtime.node.peerId);
});

test('SOUK_SHARED_RANGES: in them many peers may come from one address, elsewhere they have a third of the connections', async () => {
  await using shared = await TestPeer.start({ env: { ...open, SOUK_ROLE: 'leaf', SOUK_SHARED_RANGES: '192.0.2.0/24,127.0.0.0/8' } });
  await using strict = await TestPeer.start({ env: { ...open, SOUK_ROLE: 'leaf', SOUK_SHARED_RANGES: '192.0.2.0/24' } });
  const third = Math.ceil(32 / 3);
  await using crowd = new AsyncDisposableStack();
  const addresses = [shared, strict].map((peer) => peer.runtime.node.multiaddrs()[0] as string) as [string, string];
  for (let at = 0; at < third + 1; at += 1) {
    const raw = crowd.use(await RawPeer.start({ name: `crowd ${at}` }));
    await raw.connect(addresses[0]);
    // One too many may be gone before it is there.
    const link = await raw.connect(addresses[1]).catch((error: unknown) => (at < third ? Promise.reject(error) : undefined));
    if (at === third && link?.status === 'open') await once(link as unknown as EventTarget, 'close');
  }
  await until(shared, (node) => node.links().length === third + 1);
  expect(strict.runtime.node.links()).toHaveLength(third);
});
