import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { lookupBlob, readSelf } from '@souk/contracts';
import { blobCid, sha256Of } from '@souk/domain';
import { TestPeer } from '../testing/test-peer.ts';

test('two leaves find each other by a super-peer; what it said is in the caches, the warm one also after a restart', async () => {
  await using superPeer = await TestPeer.start({ env: { SOUK_NETWORK: 'open', SOUK_ROLE: 'super' } });
  const { status } = await superPeer.self();
  const leaf = { SOUK_NETWORK: 'open', SOUK_ROLE: 'leaf', SOUK_SUPERS: status.multiaddrs.join(',') };
  await using holder = await TestPeer.start({ env: leaf });
  const cid = blobCid(sha256Of(Uint8Array.of(1, 2, 3)));
  const leased = new Promise<void>((resolve) => superPeer.runtime.node.onIndex(() => (superPeer.runtime.node.indexSize()?.pairs === 1 ? resolve() : undefined)));
  await holder.runtime.node.provide([cid]);
  await leased;
  const folder = mkdtempSync(join(tmpdir(), 'souk-leaf-'));
  const linked = async (peer: TestPeer): Promise<void> => {
    if (peer.runtime.node.superPeers().length > 0) return;
    await new Promise<void>((resolve) => peer.runtime.node.onLinks(() => (peer.runtime.node.superPeers().length > 0 ? resolve() : undefined)));
  };
  const providers = [{ peer: holder.runtime.node.peerId }];
  const seeker = await TestPeer.start({ env: leaf, folder });
  await linked(seeker);
  expect((await seeker.rpc.call(readSelf, {})).status).toMatchObject({ role: 'leaf', supers: [status.peerId] });
  expect(await seeker.rpc.call(lookupBlob, { cid })).toMatchObject({ tier: 'peers', foundIn: 'super', providers });
  expect(await seeker.rpc.call(lookupBlob, { cid })).toMatchObject({ tier: 'peers', foundIn: 'hot', providers });
  await seeker.stop();
  const again = await TestPeer.start({ env: leaf, folder });
  expect(await again.rpc.call(lookupBlob, { cid })).toMatchObject({ tier: 'peers', foundIn: 'warm', providers });
  await again.stop();
  expect((await superPeer.self()).status).toMatchObject({ role: 'super', index: { cids: 1 } });
  rmSync(folder, { recursive: true });
});
