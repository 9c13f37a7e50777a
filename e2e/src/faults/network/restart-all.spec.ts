import { afterAll, expect, jest, test } from '@jest/globals';
import type { Cid, SignedRecord } from '@souk/domain';
import { author, seededBytes, type Author } from '@souk/testing';
import { seededRandom } from '@souk/testing/trouble';
import { until } from '../../scenario/until.ts';
import { Measures } from '../measures.ts';
import { runOptions } from '../run-options.ts';
import { peerProcesses, type PeerProcesses } from './peer-processes.ts';
import type { PeerProcess } from './peer-process.ts';

const rounds = runOptions.runs;
jest.setTimeout(120_000 + rounds * 240_000);

const measures = new Measures();
afterAll(() => measures.report('network-restart-all'));

const blobBytes = 2000;
/** Releases of each publisher after which everything may be killed. */
const fewest = 5;

/** One who publishes at a leaf of theirs, and what of it was acknowledged. */
class Publishing {
  readonly leaf: PeerProcess;
  readonly author: Author;
  readonly cids: Cid[] = [];
  records: readonly SignedRecord[] = [];

  constructor(leaf: PeerProcess) {
    this.leaf = leaf;
    this.author = author(leaf.name);
  }

  /** Publishes one release after the other until the leaf is gone. */
  async goOn(): Promise<void> {
    try {
      await this.leaf.ask('publishes', this.author.records.map(onTheWire));
      for (;;) await this.#one();
    } catch {
      // The leaf was killed: what it had not answered is not acknowledged.
    }
  }

  async #one(): Promise<void> {
    const version = `1.0.${this.cids.length}`;
    const name = `${this.leaf.name} ${version}`;
    const [facts] = await this.leaf.ask('keeps', { names: [name], bytes: blobBytes });
    const record = this.author.releases(this.leaf.name, version, { blob: seededBytes(name, blobBytes) });
    await this.leaf.ask('publishes', [onTheWire(record)]);
    if (!facts) return;
    this.cids.push(facts.cid);
    this.records = this.author.records.map(onTheWire);
  }
}

const onTheWire = ({ header, signature, body }: SignedRecord): SignedRecord => ({ header, signature, ...(body ? { body } : {}) });

/** Three super-peers and four leaves that are published to, all killed in the middle of it. */
async function killedAltogether(world: PeerProcesses, isDurable: boolean): Promise<{ supers: PeerProcess[]; publishings: Publishing[] }> {
  const supers = await world.supers(['one', 'two', 'three'], { isDurable });
  const addresses = supers.map((one) => one.address);
  const leaves = await Promise.all(['ada', 'bob', 'cleo', 'dan'].map((name) => world.peer({ name, role: 'leaf', supers: addresses, isDurable })));
  await Promise.all(leaves.map((one) => one.ask('hasSupers', 2)));
  const publishings = leaves.map((leaf) => new Publishing(leaf));
  const all = publishings.map((one) => one.goOn());
  await until({ what: 'everybody to have published', read: async () => publishings.map((one) => one.cids.length), isDone: (counts) => counts.every((count) => count >= fewest) });
  await Promise.all([...supers, ...leaves].map((one) => one.kill()));
  await Promise.all(all);
  return { supers, publishings };
}

/** Starts everything again, in an order that follows from the seed. */
async function restarted(supers: readonly PeerProcess[], publishings: readonly Publishing[], random: () => number): Promise<void> {
  const all = [...supers, ...publishings.map((one) => one.leaf)].map((peer) => ({ peer, at: random() })).toSorted((a, b) => a.at - b.at);
  const addresses = supers.map((one) => one.address);
  await Promise.all(all.map(({ peer }) => peer.restart({ supers: addresses })));
  await Promise.all(publishings.map((one) => one.leaf.ask('provides', one.cids)));
}

test('everything is killed at once in the middle of publishing and started again in any order: roots are equal, everything is leased, and every acknowledged release is found', async () => {
  const random = seededRandom(runOptions.seed);
  for (let round = 0; round < rounds; round += 1) {
    await using world = peerProcesses();
    const { supers, publishings } = await killedAltogether(world, true);
    const since = performance.now();
    await restarted(supers, publishings, random);
    measures.note('acknowledged releases', publishings.reduce((sum, one) => sum + one.cids.length, 0), 'releases');
    measures.note('everything started again', performance.now() - since);
    const peers = [...supers, ...publishings.map((one) => one.leaf)];
    const records = publishings.flatMap((one) => one.records);
    await Promise.all(peers.map((peer) => peer.ask('holds', records)));
    await until({ what: 'equal roots', read: () => Promise.all(peers.map((peer) => peer.ask('root', undefined))), isDone: (roots) => new Set(roots).size === 1 });
    measures.note('equal roots, from the first start on', performance.now() - since);
    const leased = { leases: peers.length, pairs: publishings.reduce((sum, one) => sum + one.cids.length, 0) };
    await Promise.all(supers.map((one) => one.ask('indexes', leased)));
    measures.note('everything leased, from the first start on', performance.now() - since);
    for (const [at, one] of publishings.entries()) {
      const { leaf: other } = publishings[(at + 1) % publishings.length] as Publishing;
      for (const cid of one.cids) expect(await other.ask('lookup', cid)).toMatchObject({ tier: 'super', providers: [one.leaf.id] });
    }
  }
});

test('peers that answer before anything is on disk lose what they acknowledged', async () => {
  await using world = peerProcesses();
  const { supers, publishings } = await killedAltogether(world, false);
  await restarted(supers, publishings, seededRandom(runOptions.seed));
  for (const { leaf } of publishings) expect(await leaf.ask('records', undefined)).toBe(0);
});
