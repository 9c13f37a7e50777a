import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { multiaddr } from '@multiformats/multiaddr';
import { seedFrom } from '@souk/domain';
import { createLibp2pNode, type FullLibp2p } from './create-libp2p-node.ts';
import { fullPeerLimits, patientLimits, type PeerLimits } from './peer-limits.ts';
import { SharedRanges } from './shared-ranges.ts';
import { stopLibp2p } from './stop-libp2p.ts';

async function nodeOf(name: string, limits: Partial<PeerLimits> = {}, sharedRanges?: SharedRanges): Promise<FullLibp2p & AsyncDisposable> {
  const node = await createLibp2pNode({ seed: seedFrom(name), networkKey: seedFrom('network'), listen: ['/ip4/127.0.0.1/tcp/0'], announce: [], limits: { ...fullPeerLimits, ...patientLimits(20), ...limits }, isLeaf: true, rank: () => 0.5, admit: () => true, ...(sharedRanges ? { sharedRanges } : {}) });
  await node.start();
  return Object.assign(node, { [Symbol.asyncDispose]: () => stopLibp2p(node) });
}

/** Opens a connection beside those that there are; resolves when the other side knows of it. */
async function connect(from: FullLibp2p, to: FullLibp2p): Promise<string> {
  const [, connection] = await Promise.all([once(to as unknown as EventTarget, 'connection:open'), from.dial(multiaddr(String(to.getMultiaddrs()[0])), { force: true })]);
  return connection.id;
}

test('one peer has no more connections than it may: one more closes its oldest, and those of others stay', async () => {
  await using hub = await nodeOf('hub', { connectionsPerPeer: 2 });
  await using greedy = await nodeOf('greedy', { connectionsPerPeer: 100 });
  await using other = await nodeOf('other');
  await connect(other, hub);
  const opened: string[] = [];
  for (let times = 0; times < 6; times += 1) opened.push(await connect(greedy, hub));
  expect(hub.getConnections(greedy.peerId).filter(({ status }) => status === 'open')).toHaveLength(2);
  while (greedy.getConnections(hub.peerId).length > 2) await once(greedy as unknown as EventTarget, 'connection:close');
  expect(greedy.getConnections(hub.peerId).map(({ id }) => id)).toEqual(opened.slice(-2));
  expect(hub.getConnections(other.peerId)).toHaveLength(1);
});

test('the peers of one address group have a third of all connections together, but for shared ranges', async () => {
  await using strict = await nodeOf('strict', { connections: 6 }, new SharedRanges([]));
  await using shared = await nodeOf('shared', { connections: 6 });
  const crowd: (FullLibp2p & AsyncDisposable)[] = [];
  await using _end = { [Symbol.asyncDispose]: async () => void (await Promise.all(crowd.map((node) => node[Symbol.asyncDispose]()))) };
  for (let index = 0; index < 4; index += 1) {
    const node = await nodeOf(`crowd ${index}`);
    crowd.push(node);
    await Promise.all([connect(node, shared), connect(node, strict)]);
  }
  while (strict.getConnections().length > 2) await once(strict as unknown as EventTarget, 'connection:close');
  expect(strict.getConnections().map(({ remotePeer }) => String(remotePeer)).toSorted()).toEqual(crowd.slice(0, 2).map(({ peerId }) => String(peerId)).toSorted());
  expect(shared.getConnections()).toHaveLength(4);
});
