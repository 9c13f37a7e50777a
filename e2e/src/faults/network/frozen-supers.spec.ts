import { afterAll, expect, jest, test } from '@jest/globals';
import type { Cid } from '@souk/domain';
import { factsOf, network, seededBytes, type TestNetwork, type TestPeer } from '@souk/testing';
import { until } from '../../scenario/until.ts';
import { Measures } from '../measures.ts';
import { runOptions } from '../run-options.ts';
import { namesOf } from './names-of.ts';
import { peerProcesses, type PeerProcesses } from './peer-processes.ts';
import type { PeerProcess } from './peer-process.ts';

const rounds = runOptions.runs;
jest.setTimeout(120_000 + rounds * 240_000);

const measures = new Measures();
afterAll(() => measures.report('network-frozen-supers'));

/** Lookups that a round makes while something is frozen. */
const lookups = 20;
/** So many milliseconds that nothing here waits for its end. */
const never = 3_600_000;

interface Scene {
  readonly supers: readonly PeerProcess[];
  readonly seeker: TestPeer;
  readonly cids: Cid[];
}

/** Three super-peers, a leaf that holds blobs, and one that seeks them. */
async function scene(world: PeerProcesses, net: TestNetwork, limits: { answerMs: number; hedgeMs?: number }): Promise<Scene> {
  const supers = await world.supers(['one', 'two', 'three']);
  const addresses = supers.map((one) => one.address);
  const holder = await world.peer({ name: 'holder', role: 'leaf', supers: addresses });
  const cids = (await holder.ask('keeps', { names: namesOf('template', 3 * lookups), bytes: 1000 })).map(({ cid }) => cid);
  const seeker = await net.peer('seeker', { role: 'leaf', supers: addresses, lookupLimits: limits });
  await seeker.hasSupers(2);
  await Promise.all(supers.map((one) => one.ask('indexes', { leases: 5, pairs: cids.length })));
  return { supers, seeker, cids };
}

const silentOf = (seeker: TestPeer, peer: PeerProcess): number => seeker.verdicts.filter((one) => one.peer === peer.id && one.verdict === 'silent').length;

/** Freezes one of the two super-peers that are linked, looks many blobs up, and lets it go on; answers the tiers, and how often the frozen one was waited for in vain. */
async function lookupsOverFrozen({ supers, seeker, cids }: Scene, what: string): Promise<{ tiers: string[]; waited: number }> {
  const [first] = seeker.node.superPeers();
  const frozen = supers.find((one) => one.id === first) as PeerProcess;
  frozen.freeze();
  const tiers: string[] = [];
  for (const cid of cids.splice(0, lookups)) tiers.push((await measures.timed(what, () => seeker.node.lookup(cid))).tier);
  const waited = silentOf(seeker, frozen);
  frozen.thaw();
  return { tiers, waited };
}

test('one of three super-peers is frozen: lookups are hedged, and none waits for it', async () => {
  for (let round = 0; round < rounds; round += 1) {
    await using world = peerProcesses();
    await using net = network();
    const { tiers, waited } = await lookupsOverFrozen(await scene(world, net, { answerMs: never }), 'lookup with one of two links frozen');
    expect({ tiers: new Set(tiers), waited }).toEqual({ tiers: new Set(['super']), waited: 0 });
  }
});

test('without hedging, whoever asks the frozen one first waits until it is given up', async () => {
  for (let round = 0; round < rounds; round += 1) {
    await using world = peerProcesses();
    await using net = network();
    const { tiers, waited } = await lookupsOverFrozen(await scene(world, net, { answerMs: 500, hedgeMs: never }), 'the same without hedging');
    expect(new Set(tiers)).toEqual(new Set(['super']));
    expect(waited).toBeGreaterThan(0);
  }
});

test('all super-peers are frozen: what a full peer holds is found there, who seeks anything else is told, and lookups are as before once they go on', async () => {
  for (let round = 0; round < rounds; round += 1) {
    await using world = peerProcesses();
    // The time limits of a peer as it is; those of test networks wait for ever.
    await using net = network({ limits: { dialMs: 5000, dhtMs: 5000, askMs: 2000, pingMs: 2000 }, lookupLimits: { answerMs: 2000 } });
    const { supers, seeker, cids } = await scene(world, net, { answerMs: 2000 });
    const full = await world.peer({ name: 'full', supers: supers.map((one) => one.address) });
    const [kept] = await full.ask('keeps', { names: ['kept by the full peer'], bytes: 1000 });
    await Promise.all(supers.map((one) => one.ask('indexes', { leases: 6, pairs: cids.length + 1 })));
    const told = Promise.withResolvers<void>();
    const onRemember = (addresses: readonly string[]): void => (addresses.some((address) => address.includes(full.id)) ? told.resolve() : undefined);
    const remembering = await net.peer('remembering', { role: 'leaf', supers: supers.map((one) => one.address), onRemember, lookupLimits: { answerMs: 2000 } });
    await remembering.hasSupers(2);
    await told.promise;
    for (const one of supers) one.freeze();
    const refused = await measures.timed('a fetch of what nobody answers for, all frozen', () => seeker.fetches(factsOf(seededBytes('nowhere', 1))).catch((error: unknown) => error));
    expect(refused).toMatchObject({ code: 'NO_PROVIDER' });
    // Links to what is frozen are given up after a while; then full peers are asked that were told of when the lease was brought.
    const found = await measures.timed('found at a remembered full peer, all frozen', () => until({ what: 'the full peer to be found', read: () => remembering.node.lookup(kept?.cid as Cid), isDone: ({ tier }) => tier !== 'none', deadlineMs: 240_000 }));
    expect(found).toMatchObject({ providers: [full.id] });
    expect(['peers', 'dht']).toContain(found.tier);
    for (const one of supers) one.thaw();
    let asked = 0;
    await measures.timed('first lookup over super-peers after they go on', () =>
      until({ what: 'a lookup over super-peers', read: () => seeker.node.lookup(cids[(asked += 1) % cids.length] as Cid), isDone: ({ tier }) => tier === 'super', deadlineMs: 240_000 }),
    );
    await seeker.hasSupers(2);
  }
});
