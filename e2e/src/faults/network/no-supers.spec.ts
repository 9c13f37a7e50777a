import { afterAll, expect, jest, test } from '@jest/globals';
import { factsOf, seededBytes, type BlobFacts } from '@souk/testing';
import { until } from '../../scenario/until.ts';
import { Measures } from '../measures.ts';
import { runOptions } from '../run-options.ts';
import { namesOf } from './names-of.ts';
import { peerProcesses, type PeerProcesses } from './peer-processes.ts';
import type { PeerProcess } from './peer-process.ts';

const rounds = runOptions.runs;
jest.setTimeout(120_000 + rounds * 240_000);

const measures = new Measures();
afterAll(() => measures.report('network-no-supers'));

interface Scene {
  readonly supers: readonly PeerProcess[];
  readonly seeker: PeerProcess;
  readonly holder: PeerProcess;
  readonly full: PeerProcess;
  /** Held by the leaf, and by a full peer. */
  readonly ofLeaf: readonly BlobFacts[];
  readonly ofFull: BlobFacts;
}

/** Two super-peers, two full peers, a leaf that holds blobs and one that seeks them; all of them are linked and leased. */
async function scene(world: PeerProcesses): Promise<Scene> {
  const supers = await world.supers(['one', 'two']);
  const addresses = supers.map((one) => one.address);
  const full = await world.peer({ name: 'full', supers: addresses });
  await world.peer({ name: 'second', supers: addresses, join: [full.address] });
  const [ofFull] = (await full.ask('keeps', { names: ['kept by the full peer'], bytes: 1000 })) as [BlobFacts];
  // Leaves are told of full peers when they bring their lease.
  await Promise.all(supers.map((one) => one.ask('indexes', { leases: 4, pairs: 1 })));
  const [holder, seeker] = (await Promise.all(['holder', 'seeker'].map((name) => world.peer({ name, role: 'leaf', supers: addresses })))) as [PeerProcess, PeerProcess];
  const ofLeaf = await holder.ask('keeps', { names: namesOf('template', 3), bytes: 100_000 });
  await Promise.all(supers.map((one) => one.ask('indexes', { leases: 6, pairs: 4 })));
  for (const leaf of [holder, seeker]) await until({ what: 'full peers to be remembered', read: () => leaf.ask('remembered', undefined), isDone: (known) => known.some((address) => address.includes(full.id)) });
  return { supers, seeker, holder, full, ofLeaf, ofFull };
}

/** What a leaf is told that seeks a blob: who delivered it, or the code of the refusal. */
async function fetched(leaf: PeerProcess, facts: BlobFacts): Promise<string> {
  return leaf.ask('fetch', facts).then((providers) => providers.join(), (error: unknown) => (error as { code?: string }).code ?? String(error));
}

test('all super-peers are killed: a leaf that is started again finds over remembered full peers what a full peer holds and what only another leaf holds, and is told what nobody has', async () => {
  for (let round = 0; round < rounds; round += 1) {
    await using world = peerProcesses();
    const { supers, seeker, holder, full, ofLeaf, ofFull } = await scene(world);
    await Promise.all([...supers, seeker].map((one) => one.kill()));
    await measures.timed('found at a full peer, from the start of the leaf on', async () => {
      await seeker.restart();
      await until({ what: 'a blob of a full peer', read: () => fetched(seeker, ofFull), isDone: (answer) => answer === full.id });
    });
    await measures.timed('found at another leaf after that', async () => {
      for (const facts of ofLeaf) await until({ what: 'a blob of another leaf', read: () => fetched(seeker, facts), isDone: (answer) => answer === holder.id });
    });
    expect(await measures.timed('told that nobody has a blob', () => fetched(seeker, factsOf(seededBytes('nowhere', 10))))).toBe('NO_PROVIDER');
  }
});

test('without remembered peers, a leaf that is started when no super-peer answers finds nothing', async () => {
  for (let round = 0; round < rounds; round += 1) {
    await using world = peerProcesses();
    const { supers, seeker, ofLeaf, ofFull } = await scene(world);
    await Promise.all([...supers, seeker].map((one) => one.kill()));
    await seeker.restart({ remembers: false });
    for (const facts of [ofFull, ...ofLeaf]) expect(await fetched(seeker, facts)).toBe('NO_PROVIDER');
  }
});
