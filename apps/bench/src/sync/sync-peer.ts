import { monitorEventLoopDelay } from 'node:perf_hooks';
import { MemoryBlobStore, seedFrom } from '@souk/domain';
import { createPeerNode, type PeerNode } from '@souk/p2p';
import { openLogStore } from '@souk/store';
import type { FromPeer, ToPeer } from './peer-process.ts';

/** The process of one peer: logs on disk, a node on loopback. Its parent tells it whom to link to and hears when it holds as much as was said. */

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: (message: string, facts?: unknown) => console.error(message, facts) };
const say = (message: FromPeer): void => void process.send?.(message);

async function follow(node: PeerNode, address: string, records: number, size: () => Promise<{ records: number }>): Promise<void> {
  const held = new Promise<void>((resolve) => {
    node.onRecords(() => void size().then((now) => now.records >= records && resolve()));
  });
  await node.dial(address);
  await held;
  say({ t: 'held', root: await node.headRoot() });
}

const delay = monitorEventLoopDelay({ resolution: 5 });
let before = process.cpuUsage();

function watch(): void {
  delay.reset();
  delay.enable();
  before = process.cpuUsage();
}

function tell(): void {
  delay.disable();
  const { user, system } = process.cpuUsage(before);
  say({ t: 'watched', delayP99Ms: delay.percentile(99) / 1e6, delayMaxMs: delay.max / 1e6, rssMiB: process.memoryUsage.rss() / 2 ** 20, cpuMs: (user + system) / 1000 });
}

const [folder, name] = process.argv.slice(2) as [string, string];
const logs = await openLogStore(folder);
const node = await createPeerNode({ logs, blobs: new MemoryBlobStore(), log: quiet }, { seed: seedFrom(`bench/${name}`), networkKey: seedFrom('bench') });
await node.start();
process.on('message', (message: ToPeer) => {
  if (message.t === 'follow') void follow(node, message.address, message.records, () => logs.size());
  else if (message.t === 'watch') watch();
  else tell();
});
process.on('disconnect', () => void node.stop().then(() => logs.close()).finally(() => process.exit()));
say({ t: 'listening', address: node.multiaddrs()[0] as string, root: await node.headRoot() });
