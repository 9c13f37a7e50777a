import { setTimeout as wait } from 'node:timers/promises';
import { protocols } from '@souk/contracts';
import { MemoryBlobStore, MemoryLogStore, seedFrom, type VerifiedRecord } from '@souk/domain';
import { createPeerNode, patientLimits, type PeerNode } from '@souk/p2p';
import { LogWriter } from '@souk/testing/builders';
import type { FromHost, ToHost } from './host-process.ts';

/** The process of some of the peers: full peers over stores in memory, on loopback. Its parent tells whom they link to and who publishes, and asks who has got it when. */

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: (message: string, facts?: unknown) => console.error(message, facts) };
/** How much longer than usual peers wait for each other: a thousand of them that link on two cores are slow to answer, and a link that is given up is made again. */
const patience = 20;
/** Everybody comes from one address, and all at once. Walks through the DHT, which are not measured, come once instead of every minute, and pings of tens of thousands of links of one machine seldom. */
const limits = { ...patientLimits(patience), inboundPerSecond: 10_000, pendingInbound: 2000, selfQueryMs: 3_600_000, pingMs: 600_000 };
/** There are no super-peers, and nobody looks for any in the DHT. */
const lookupLimits = { supers: 0 };
/** How long a peer that did not answer is left alone, in milliseconds. */
const busyMs = 1000;
/** Sync must not bring what gossip is measured for. */
const reconcileMs = 3_600_000;

const say = (message: FromHost): void => void process.send?.(message);
const now = (): number => Number(process.hrtime.bigint());

interface Hosted {
  readonly node: PeerNode;
  readonly logs: MemoryLogStore;
}

const peers: Hosted[] = [];
/** When peers here had a record on disk, by its log. */
const arrivals = new Map<string, number[]>();
let copies = 0;

async function start(number: number): Promise<void> {
  const logs = new MemoryLogStore({ now: Date.now });
  const tap = { received: (protocol: string) => void (copies += protocol === protocols.headsTopic ? 1 : 0) };
  const node = await createPeerNode({ logs, blobs: new MemoryBlobStore(), log: quiet }, { seed: seedFrom(`gossip/${number}`), networkKey: seedFrom('gossip'), limits, lookupLimits, reconcileMs, tap });
  node.onRecords((stored) => {
    const at = now();
    for (const { record } of stored) arrivals.set(record.key, [...(arrivals.get(record.key) ?? []), at]);
  });
  await node.start();
  peers.push({ node, logs });
}

/** A record with a body of so many bytes, the only one of its log. */
function recordOf(name: string, bytes: number): VerifiedRecord {
  return new LogWriter(name).writeBytes('note', Uint8Array.from([0x59, bytes >> 8, bytes & 255, ...new Uint8Array(bytes)]));
}

async function publish({ peer, name, bytes }: Extract<ToHost, { t: 'publish' }>): Promise<void> {
  const { node, logs } = peers[peer] as Hosted;
  const record = recordOf(name, bytes);
  await logs.append([record]);
  copies = 0;
  const at = now();
  await node.announceRecords([record]);
  say({ t: 'published', key: record.key, at });
}

/** Of many peers that link at once, and look for each other in the DHT, some are too busy to answer in time: the time for setting up is the limit. */
async function dial(node: PeerNode, address: string): Promise<void> {
  for (;;) {
    const linked = await node.dial(address).catch(() => wait(busyMs));
    if (linked !== undefined) return;
  }
}

async function link(links: readonly (readonly string[])[]): Promise<void> {
  for (const [index, addresses] of links.entries()) {
    for (const address of addresses) await dial((peers[index] as Hosted).node, address);
  }
  say({ t: 'linked' });
}

async function hear(message: ToHost): Promise<void> {
  switch (message.t) {
    case 'start':
      for (let number = 0; number < message.count; number += 1) await start(message.first + number);
      return say({ t: 'started', addresses: peers.map(({ node }) => node.multiaddrs()[0] as string) });
    case 'link':
      return link(message.links);
    case 'publish':
      return publish(message);
    case 'arrived?':
      return say({ t: 'arrived', times: arrivals.get(message.key) ?? [] });
    default: {
      const links = peers.reduce((sum, { node }) => sum + node.links().length, 0);
      say({ t: 'told', copies, links, rssMiB: process.memoryUsage.rss() / 2 ** 20 });
      copies = 0;
    }
  }
}

process.on('message', (message: ToHost) => {
  hear(message).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
process.on('disconnect', () => process.exit());
