import { afterAll, expect, jest, test } from '@jest/globals';
import { protocols } from '@souk/contracts';
import { chunkBytes } from '@souk/p2p';
import { network, readBlob, factsOf, type BlobFacts, type TestNetwork, type TestPeer } from '@souk/testing';
import { Measures } from '../measures.ts';
import { runOptions } from '../run-options.ts';
import { peerProcesses, type PeerProcesses } from './peer-processes.ts';
import type { PeerProcess } from './peer-process.ts';

const rounds = runOptions.runs;
jest.setTimeout(120_000 + rounds * 120_000);

const measures = new Measures();
afterAll(() => measures.report('network-killed-provider'));

const blobBytes = 24 * chunkBytes;

interface Scene {
  readonly seeker: TestPeer;
  readonly providers: readonly PeerProcess[];
  readonly facts: BlobFacts;
  /** Bytes of blobs that the seeker has received. */
  received(): number;
}

/** A super-peer, so many peers that hold the same blob, and one that fetches it. */
async function scene(world: PeerProcesses, net: TestNetwork, names: readonly string[]): Promise<Scene> {
  const [superPeer] = (await world.supers(['super'])) as [PeerProcess];
  const providers = await Promise.all(names.map((name) => world.peer({ name, role: 'leaf', supers: [superPeer.address] })));
  const [facts] = (await Promise.all(providers.map(async (one) => (await one.ask('keeps', { names: ['large'], bytes: blobBytes }))[0]))) as [BlobFacts];
  let bytes = 0;
  const received = (protocol: string, count: number): void => void (bytes += protocol === protocols.blob ? count : 0);
  const seeker = await net.peer('seeker', { role: 'leaf', supers: [superPeer.address], tap: { received } });
  await seeker.hasSupers(1);
  await superPeer.ask('indexes', { leases: 2 + names.length, pairs: names.length });
  return { seeker, providers, facts, received: () => bytes };
}

/** Fetches the blob and kills a provider as soon as some of it is here and verified; answers how the fetch went, and how much was here at the kill. */
async function fetchOverKill({ seeker, providers, facts }: Scene): Promise<{ report: unknown; killed: PeerProcess; verified: number }> {
  const [killed] = providers as [PeerProcess];
  let verified = 0;
  let death: Promise<void> | undefined;
  const onProgress = ({ bytes }: { bytes: number }): void => {
    if (death || bytes < 4 * chunkBytes) return;
    verified = bytes;
    death = killed.kill();
  };
  const report = await measures.timed(`fetch of ${blobBytes / 2 ** 20} MiB from ${providers.length}, one of which is killed`, () => seeker.node.fetchBlob(facts.cid, { ...facts, onProgress }).catch((error: unknown) => error));
  await death;
  return { report, killed, verified };
}

test('a provider is killed in the middle of a transfer: what came is kept, the rest comes from others, and the whole is verified', async () => {
  for (let round = 0; round < rounds; round += 1) {
    await using world = peerProcesses();
    await using net = network();
    const at = await scene(world, net, ['doomed', 'other', 'third']);
    const { report, verified } = await fetchOverKill(at);
    expect(report).toMatchObject({ cid: at.facts.cid, bytes: blobBytes, already: false });
    expect(verified).toBeGreaterThan(0);
    expect(verified).toBeLessThan(blobBytes);
    expect(factsOf(await readBlob(at.seeker.blobs, at.facts.cid)).cid).toBe(at.facts.cid);
    measures.note('received beyond the blob itself', (at.received() - blobBytes) / 2 ** 20, 'MiB');
  }
});

test('where one peer is the only provider, its death fails the fetch, which says so and keeps nothing', async () => {
  for (let round = 0; round < rounds; round += 1) {
    await using world = peerProcesses();
    await using net = network();
    const at = await scene(world, net, ['doomed']);
    const { report, killed } = await fetchOverKill(at);
    expect(report).toMatchObject({ code: 'NO_PROVIDER', details: { cid: at.facts.cid, failures: [{ peer: killed.id }] } });
    expect(await at.seeker.blobs.size(at.facts.cid)).toBeUndefined();
  }
});
