import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { protocols } from '@souk/contracts';
import { blobCid, MemoryLogStore, seedFrom, type BlobStore } from '@souk/domain';
import { createPeerNode, fullPeerLimits, patientLimits, type PeerNode } from '@souk/p2p';
import { openBlobStore } from '@souk/store';
import { putBlob, seededBytes, type BlobFacts } from '@souk/testing';
import { answerParent } from '../parts/asked-process.ts';
import { quietLog } from '../parts/quiet-log.ts';
import { until } from '../parts/until.ts';

/** A process with some leaves, each with blobs of its own in files. Words: its folder. */

/** Peers `from` to `from + count`, and what they need. */
export interface SwarmPeers {
  readonly from: number;
  readonly count: number;
  readonly supers: readonly string[];
  /** Connections that each may have: all want the blob of one peer. */
  readonly connections: number;
}

/** How one peer's fetch went. */
export interface Fetched {
  readonly ms: number;
  /** How many peers delivered. */
  readonly providers: number;
}

interface Peer {
  readonly node: PeerNode;
  readonly blobs: BlobStore;
}

/** Others are waited for so many times as long as usual: many share two cores here. */
const patience = 5;
const folder = process.argv[2] as string;
const peers: Peer[] = [];
let sent = 0;

async function startPeer(number: number, { supers, connections }: SwarmPeers): Promise<void> {
  const blobs = await openBlobStore(join(folder, `peer-${number}`));
  const limits = { ...patientLimits(patience), searchAgainMs: fullPeerLimits.searchAgainMs, connections, inboundPerSecond: 10_000, pendingInbound: connections };
  const tap = { sent: (protocol: string, bytes: number) => void (sent += protocol === protocols.blob ? bytes : 0) };
  // A leaf has no links but those that it needs: what is measured is the transfer.
  const node = await createPeerNode({ logs: new MemoryLogStore({ now: Date.now }), blobs, log: quietLog }, { role: 'leaf', seed: seedFrom(`swarm/${number}`), networkKey: seedFrom('bench'), supers, limits, tap });
  await node.start();
  peers.push({ node, blobs });
}

async function verified({ blobs }: Peer, { cid }: BlobFacts): Promise<boolean> {
  const hash = createHash('sha256');
  for await (const piece of await blobs.read(cid)) hash.update(piece);
  return blobCid(hash.digest()) === cid;
}

const handlers = {
  start: async (wanted: SwarmPeers): Promise<void> => {
    for (let number = wanted.from; number < wanted.from + wanted.count; number += 1) await startPeer(number, wanted);
    await until(() => peers.every(({ node }) => node.superPeers().length > 0));
  },
  /** The first peer here has a new blob and says so. */
  keep: async ({ name, bytes }: { name: string; bytes: number }): Promise<BlobFacts> => {
    const { node, blobs } = peers[0] as Peer;
    const facts = await putBlob(blobs, seededBytes(name, bytes));
    void node.provide([facts.cid]);
    return facts;
  },
  /** Every peer here fetches it at once, and serves it as soon as it has it. */
  fetch: (facts: BlobFacts): Promise<Fetched[]> =>
    Promise.all(
      peers.map(async ({ node }) => {
        const { already, ms, providers } = await node.fetchBlob(facts.cid, facts);
        if (already) throw new Error('the blob was here before it was fetched');
        void node.provide([facts.cid]);
        return { ms, providers: providers.length };
      }),
    ),
  /** Reads the blob back everywhere; how many have it. Then it is deleted. */
  check: async (facts: BlobFacts): Promise<number> => {
    let sound = 0;
    for (const peer of peers) {
      if (await verified(peer, facts)) sound += 1;
      await peer.node.withdraw([facts.cid]);
      await peer.blobs.delete(facts.cid);
    }
    return sound;
  },
  /** Bytes of blobs that peers here sent since it was asked last, frames included. */
  sent: (): number => {
    const bytes = sent;
    sent = 0;
    return bytes;
  },
};
/** What that process answers. */
export type SwarmHost = typeof handlers;
answerParent(handlers);
