import { afterAll, expect, jest, test } from '@jest/globals';
import type { Cid } from '@souk/domain';
import { network, until, type TestNetwork, type TestPeer } from '@souk/testing';
import { Measures } from '../measures.ts';
import { runOptions } from '../run-options.ts';
import { namesOf } from './names-of.ts';
import { peerProcesses, type PeerProcesses } from './peer-processes.ts';
import type { PeerProcess } from './peer-process.ts';

const rounds = runOptions.runs;
jest.setTimeout(120_000 + rounds * 120_000);

const measures = new Measures();
afterAll(() => measures.report('network-killed-super'));

/** Three super-peers, a leaf that holds blobs, and one that seeks them over so many links. */
async function scene(world: PeerProcesses, net: TestNetwork, links: number): Promise<{ supers: PeerProcess[]; holder: PeerProcess; seeker: TestPeer; cids: Cid[] }> {
  const supers = await world.supers(['one', 'two', 'three']);
  const addresses = supers.map((one) => one.address);
  const holder = await world.peer({ name: 'holder', role: 'leaf', supers: addresses });
  const cids = (await holder.ask('keeps', { names: namesOf('template', 400), bytes: 1000 })).map(({ cid }) => cid);
  const seeker = await net.peer('seeker', { role: 'leaf', supers: addresses, lookupLimits: { supers: links } });
  await seeker.hasSupers(links);
  // The three super-peers and the two leaves have leases.
  await Promise.all(supers.map((one) => one.ask('indexes', { leases: 5, pairs: cids.length })));
  return { supers, holder, seeker, cids };
}

/** Kills the super-peer that is linked, or one of them, and answers how lookups went from then on until there are as many links again. */
async function lookupsWhileReplaced({ supers, seeker, cids }: Awaited<ReturnType<typeof scene>>, links: number): Promise<string[]> {
  const [first] = seeker.node.superPeers();
  const gone = supers.find((one) => one.id === first) as PeerProcess;
  const left = until(() => !seeker.node.superPeers().includes(gone.id), seeker.changes);
  const tiers: string[] = [];
  const ask = async (): Promise<void> => {
    const cid = cids.pop();
    if (cid !== undefined) tiers.push((await seeker.node.lookup(cid)).tier);
  };
  const killed = gone.kill();
  // Before anything is known of the death, at the moment when it is, and until another one is linked.
  await ask();
  await left;
  let isReplaced = false;
  const since = performance.now();
  await ask();
  measures.note(`first lookup after the loss of one of ${links}`, performance.now() - since);
  const replaced = measures.timed(`another super-peer linked, of ${links} links`, () => seeker.hasSupers(links)).then(() => (isReplaced = true));
  while (!isReplaced && cids.length > 1) await ask();
  await Promise.all([killed, replaced]);
  await ask();
  return tiers;
}

test('one super-peer is killed: lookups go on over the second link while the first is replaced', async () => {
  for (let round = 0; round < rounds; round += 1) {
    await using world = peerProcesses();
    await using net = network();
    const tiers = await lookupsWhileReplaced(await scene(world, net, 2), 2);
    expect(new Set(tiers)).toEqual(new Set(['super']));
  }
});

test('with one link only, lookups fail until another super-peer is linked', async () => {
  for (let round = 0; round < rounds; round += 1) {
    await using world = peerProcesses();
    await using net = network();
    const tiers = await lookupsWhileReplaced(await scene(world, net, 1), 1);
    expect(tiers).toContain('none');
    expect(tiers.at(-1)).toBe('super');
  }
});
