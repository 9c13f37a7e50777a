import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seedFrom, verify, type Cid, type SignedRecord } from '@souk/domain';
import type { Lookup, QuerySource } from '@souk/p2p';
import { openBlobStore, openLogStore } from '@souk/store';
import { factsOf, readBlob, seededBytes, TestPeer, type BlobFacts } from '@souk/testing';
import { answerParent, usedHeap } from '@souk/testing/processes';
import { ownLoad } from './own-load.ts';
import { ownPeak } from './own-peak.ts';
import { ownRefusals } from './own-refusals.ts';
import type { HostSettings } from './peer-settings.ts';

/** A process with one peer. */
let peer: TestPeer;
let rememberedFile: string;
const load = ownLoad();
const peak = ownPeak();
const refusals = ownRefusals();

function remembered(): string[] {
  try {
    return JSON.parse(readFileSync(rememberedFile, 'utf8')) as string[];
  } catch {
    return [];
  }
}

/** What a super-peer without an index of packages answers. */
const noAnswers: QuerySource = { packages: async () => ({ records: [] }), followed: async () => ({ records: [] }), search: () => Promise.reject(new Error('there is no index')) };

const handlers = {
  /** Makes the peer and starts it; answers its id and addresses. */
  start: async ({ folder, name, isDurable = false, remembers = true, listen, limits = {}, lookupLimits = {}, perDay, ...rest }: HostSettings) => {
    rememberedFile = join(folder, 'remembered.json');
    const stores = isDurable ? { logs: await openLogStore(join(folder, 'logs')), blobs: await openBlobStore(join(folder, 'blobs')) } : {};
    peer = await TestPeer.start(name, {
      ...rest,
      ...stores,
      limits,
      lookupLimits,
      tap: refusals.tap,
      answers: noAnswers,
      ...(perDay ? { introductions: { perDay } } : {}),
      networkKey: seedFrom('network'),
      ...(listen === undefined ? {} : { listen: [listen] }),
      ...(remembers ? { remembered: remembered(), onRemember: (addresses) => writeFileSync(rememberedFile, JSON.stringify(addresses)) } : {}),
    });
    return { id: peer.id, addresses: peer.node.multiaddrs() };
  },
  setSupers: (addresses: readonly string[]) => peer.node.setSupers(addresses),
  /** Waits until it is linked to so many super-peers, or so many peers. */
  hasSupers: (count: number) => peer.hasSupers(count),
  hasLinks: (count: number) => peer.hasLinks(count),
  /** Waits until its index has leases of so many peers, of so many pairs of peer and cid. */
  indexes: ({ leases, pairs }: { leases: number; pairs: number }) => peer.indexes(leases, pairs),
  /** Keeps blobs of so many bytes, each made of its name, and leases them; answers their facts. */
  keeps: async ({ names, bytes }: { names: readonly string[]; bytes: number }): Promise<BlobFacts[]> => {
    const facts = await Promise.all(names.map((name) => peer.keeps(seededBytes(name, bytes))));
    void peer.node.provide(facts.map(({ cid }) => cid));
    return facts;
  },
  /** Leases again what is on disk. */
  provides: (cids: readonly Cid[]) => void peer.node.provide(cids),
  /** Appends records and tells others; acknowledged when it answers. */
  publishes: (records: readonly SignedRecord[]) => peer.publishes(...records.map((record) => verify(record))),
  /** Waits until every one of these records is held. */
  holds: (records: readonly SignedRecord[]) => peer.holds(...records.map((record) => verify(record))),
  /** Addresses of others that are kept for the next start. */
  remembered,
  records: async () => (await peer.logs.size()).records,
  root: () => peer.node.headRoot(),
  lookup: (cid: Cid): Promise<Lookup> => peer.node.lookup(cid),
  /** Fetches a blob; answers from whom, after a look at the bytes that are kept. */
  fetch: async (facts: BlobFacts): Promise<readonly string[]> => {
    const { providers } = await peer.fetches(facts);
    const kept = factsOf(await readBlob(peer.blobs, facts.cid));
    if (kept.cid !== facts.cid) throw new Error(`what was kept of ${facts.cid} are other bytes`);
    return providers;
  },
  state: async () => ({ links: peer.node.links().map((line) => line.peer), supers: peer.node.superPeers(), index: peer.node.indexSize(), verdicts: peer.verdicts }),
  load,
  /** Memory in use, buffers included, after everything that can be freed was, in MiB. */
  held: () => (usedHeap() + process.memoryUsage().arrayBuffers) / 2 ** 20,
  /** Highest resident memory since it was asked last, in MiB. */
  peak,
  /** Streams that it ended before their time, by `protocol code`. */
  refused: () => refusals.counts(),
};
/** What the process of a peer answers. */
export type PeerHost = typeof handlers;
answerParent(handlers);
