import { join } from 'node:path';
import { manifestOf } from '@souk/domain';
import { generatedPackages } from '../corpus/generated-packages.ts';
import { LinearScan } from '../corpus/linear-scan.ts';
import { searchQueries, type BenchQuery } from '../corpus/search-queries.ts';
import { AskedProcess } from '../parts/asked-process.ts';
import { poll } from '../parts/poll.ts';
import { copyReleases } from '../restart/copy-releases.ts';
import { releaseFolder, releaseSeed } from '../restart/release-folder.ts';
import type { Bench } from '../runner/bench.ts';
import { startSite } from '../site/site-process.ts';
import type { AskingLeavesProcess } from './asking-leaves.ts';

/** How large a network is: peers, the super-peer among them, and packages that each of them published. */
export interface NetworkSize {
  readonly peers: number;
  readonly packagesEach: number;
}

/** A site with the network's super-peer, which has the packages of all, and the other peers: leaves that follow none of them. */
export interface SearchedNetwork {
  readonly leaves: AskedProcess<AskingLeavesProcess>;
  readonly queries: readonly BenchQuery['query'][];
  readonly scan: LinearScan;
  readonly notes: readonly string[];
  stop(): Promise<void>;
}

const indexMs = 600_000;
const querySeed = 5;

// Beside this file as source and compiled.
const script = new URL(import.meta.url.endsWith('.ts') ? './asking-leaves.ts' : './asking-leaves.js', import.meta.url);

/** Starts it, and draws so many queries from its packages: each a word, the beginning of a name, two words, or a name. */
export async function startSearchedNetwork({ peers, packagesEach }: NetworkSize, queryCount: number, bench: Bench): Promise<SearchedNetwork> {
  const packages = peers * packagesEach;
  const folder = await releaseFolder(packages, bench, { versions: 1, authors: peers });
  const data = join(bench.scratch, `searched-${peers}x${packagesEach}`);
  await copyReleases(folder.path, data);
  bench.say(`starting a super-peer with ${packages} packages`);
  const site = await startSite(bench, { data, settings: { SOUK_ROLE: 'super', SOUK_NETWORK: 'open', SOUK_P2P_PATIENCE: '10' } });
  await poll('search has all packages', indexMs, bench.signal, async () => (await site.client.checkedSearch({ limit: 1 })).total === packages);
  const leaves = new AskedProcess<AskingLeavesProcess>(bench, script);
  const [superPeer = ''] = (await site.client.self()).multiaddrs;
  await leaves.ask('start', { leaves: peers - 1, superPeer });
  const docs = generatedPackages(packages, releaseSeed).map((packageJson) => {
    const { name, kind, manifest } = manifestOf(packageJson);
    return { name, kind, description: manifest.description ?? '', keywords: manifest.keywords ?? [], publisher: '' as never };
  });
  // What filters by a publisher is left out: the packages are made again without their publishers.
  const queries = searchQueries(docs, queryCount * 2, querySeed).flatMap(({ sort, query }) => (sort === 'filter' ? [] : [query])).slice(0, queryCount);
  const notes = [`${packages} generated packages, ${packagesEach} of each of ${peers} publishers; one site with all of them is the super-peer, ${peers - 1} leaves in one process are linked to it and hold none; an open network, TCP and Noise on loopback; the records of each hit verified`];
  return { leaves, queries, scan: new LinearScan(docs), notes, stop: async () => void (await Promise.all([leaves.stop(), site.stop()])) };
}
