import { blobCid, MemoryBlobStore, MemoryLogStore, seedFrom, sha256Of, type Cid } from '@souk/domain';
import { createPeerNode, type PeerLimits, type PeerLog, type PeerNode } from '@souk/p2p';
import { answerParent } from '@souk/testing/processes';
import { until } from '../../scenario/until.ts';
import { ownLoad } from './own-load.ts';

/** A process with a super-peer that serves a crowd, or with a part of that crowd: very many leaves over one store. */

/** How the peers of the process are made. */
export interface CrowdSettings {
  readonly role: 'super' | 'leaf';
  readonly name: string;
  /** Leaves here. */
  readonly count: number;
  readonly supers?: readonly string[];
  readonly listen?: string;
  readonly limits?: Partial<PeerLimits>;
}

/** Blobs that each leaf leases. */
const blobsEach = 2;
/** A crowd on two cores takes its time. */
const deadlineMs = 900_000;

let node: PeerNode;
/** Dials of super-peers that failed though somebody listens there: turned away, or not answered in time. */
let turnedAway = 0;
const load = ownLoad();
const text = new TextEncoder();
const cidsOf = (leaf: string): Cid[] => Array.from({ length: blobsEach }, (_, at) => blobCid(sha256Of(text.encode(`${leaf} ${at}`))));

/** What is logged of dials: everything else is of no interest here. */
function noted(message: string, facts?: Record<string, unknown>): void {
  if (message === 'a super-peer could not be reached' && !isAbsent(facts?.['error'])) turnedAway += 1;
}

/** Whether nobody listens there. */
function isAbsent(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const causes = [error.cause, ...(error instanceof AggregateError ? error.errors : [])];
  return `${error.message} ${(error as { code?: string }).code}`.includes('ECONNREFUSED') || causes.some(isAbsent);
}

const log: PeerLog = { debug: noted, info: noted, warn: noted, error: (message, facts) => console.error(message, facts) };
const linked = (): number => node.identities.filter((one) => one.superPeers().length > 0).length;

const handlers = {
  /** Makes the peers and starts them; answers where the first one is. */
  start: async ({ role, name, count, supers = [], listen, limits = {} }: CrowdSettings) => {
    const names = Array.from({ length: count }, (_, at) => `${name} ${at}`);
    const [seed, ...furtherSeeds] = names.map((one) => seedFrom(`peer/${one}`)) as [Uint8Array, ...Uint8Array[]];
    const stores = { logs: new MemoryLogStore({ now: () => Date.now() }), blobs: new MemoryBlobStore() };
    node = await createPeerNode({ ...stores, log }, { role, seed, furtherSeeds, supers, limits, networkKey: seedFrom('network'), ...(listen === undefined ? {} : { listen: [listen] }) });
    if (role === 'leaf') for (const [at, one] of node.identities.entries()) void one.provide(cidsOf(names[at] as string));
    await node.start();
    return node.multiaddrs()[0] as string;
  },
  /** Waits until every leaf here is linked to its super-peer. */
  linked: () => until({ what: 'every leaf to be linked', read: async () => linked(), isDone: (count) => count === node.identities.length, deadlineMs }),
  /** Leaves that are linked now, and dials that failed since this was asked last. */
  standing: () => {
    const answer = { linked: linked(), turnedAway };
    turnedAway = 0;
    return answer;
  },
  /** Waits until the index here has leases of so many leaves, with all their blobs. */
  indexed: (leaves: number) => until({ what: 'every leaf to be leased', read: async () => node.indexSize(), isDone: (size) => size?.pairs === leaves * blobsEach && size.leases === leaves + 1, deadlineMs }),
  /** Whether lookups of what leaves hold are answered, for some of them; how long each took. */
  lookups: async (leaves: readonly string[]) => {
    const found: { tier: string; tookMs: number }[] = [];
    for (const leaf of leaves) found.push(await node.lookup(cidsOf(leaf)[0] as Cid));
    return found.map(({ tier, tookMs }) => ({ tier, tookMs }));
  },
  load,
};
/** What the process answers. */
export type CrowdHost = typeof handlers;
answerParent(handlers);
