import { expect, test } from '@jest/globals';
import type { LookupFrame } from '@souk/contracts';
import { LookupTrace, maxLeaseMs, MemoryHintStore, OwnLease, seedFrom, signerOf, type Cid, type TraceStep } from '@souk/domain';
import { factsOf, network, seededBytes, type BlobFacts, type TestNetwork, type TestPeer } from '@souk/testing';
import { FakeSuper } from './testing/fake-super.ts';

/** What a lookup tried. */
async function traced(peer: TestPeer, cid: Cid): Promise<TraceStep[]> {
  const trace = new LookupTrace(() => performance.now());
  await peer.node.lookup(cid, { trace });
  return trace.steps();
}

/** A super-peer, and a leaf that holds a blob. */
async function holding(net: TestNetwork): Promise<{ superPeer: TestPeer; holder: TestPeer; facts: BlobFacts }> {
  const superPeer = await net.peer('super', { role: 'super' });
  const holder = await net.peer('holder', { role: 'leaf', supers: [superPeer] });
  const facts = await holder.keeps(seededBytes('template', 500));
  void holder.node.provide([facts.cid]);
  await superPeer.indexes(2, 1);
  return { superPeer, holder, facts };
}

test('a lookup tells tier by tier what it tried: caches that knew nobody, the super-peer that did, and the next time the cache', async () => {
  await using net = network();
  const { superPeer, holder, facts } = await holding(net);
  const hints = [{ tier: 'hot', store: new MemoryHintStore() }, { tier: 'warm', store: new MemoryHintStore() }] as const;
  const seeker = await net.peer('seeker', { role: 'leaf', supers: [superPeer], hints });
  await seeker.hasSupers(1);
  expect(await traced(seeker, facts.cid)).toMatchObject([
    { tier: 'local', outcome: 'nobody' },
    { tier: 'hot', outcome: 'nobody' },
    { tier: 'warm', outcome: 'nobody' },
    { tier: 'super', peer: superPeer.id, outcome: 'found', providers: 1, hedged: false, tookMs: expect.any(Number) },
  ]);
  expect(await traced(seeker, facts.cid)).toMatchObject([{ tier: 'local' }, { tier: 'hot', outcome: 'found', providers: 1 }]);
  expect(await traced(holder, facts.cid)).toMatchObject([{ tier: 'local', outcome: 'found' }]);
  // The super-peer names whoever asks too, where it is one of the providers.
  expect(await traced(superPeer, facts.cid)).toMatchObject([{ tier: 'local' }, { tier: 'super', peer: superPeer.id, outcome: 'found' }]);
});

test('without super-peers linked peers are asked, then the DHT; what nobody had a moment ago is not asked for again', async () => {
  await using net = network();
  const a = await net.peer('a');
  const b = await net.peer('b', { join: [a] });
  await Promise.all([a.linkedTo(b), b.linkedTo(a)]);
  const facts = await a.keeps(seededBytes('here', 10));
  expect(await traced(b, facts.cid)).toMatchObject([{ tier: 'local' }, { tier: 'super', outcome: 'skipped', why: 'no super-peer is linked' }, { tier: 'peers', outcome: 'found', asked: 1, providers: 1 }]);
  const nowhere = factsOf(seededBytes('nowhere', 1)).cid;
  expect(await traced(b, nowhere)).toMatchObject([{ tier: 'local' }, { tier: 'super' }, { tier: 'peers', outcome: 'nobody', asked: 1 }, { tier: 'dht', outcome: 'nobody' }]);
  expect((await traced(b, nowhere)).filter((step) => step.outcome === 'skipped').map((step) => [step.tier, step.why])).toEqual([['super', 'nobody had it a moment ago'], ['dht', 'nobody had it a moment ago']]);
});

test('a super-peer that is late is joined by another one, and one that makes up a lease is left out by name', async () => {
  await using net = network();
  const { superPeer, facts } = await holding(net);
  const silent = (frame: LookupFrame): LookupFrame | Promise<never> => (frame.t === 'find?' ? new Promise<never>(() => undefined) : { t: 'leased' });
  await using mute = await FakeSuper.start(silent);
  const seeker = await net.peer('seeker', { role: 'leaf', supers: [mute.address, superPeer], lookupLimits: { hedgeMs: 50, answerMs: 3_600_000 } });
  await seeker.hasSupers(2);
  const [, first, second] = await traced(seeker, facts.cid);
  expect([first, second]).toContainEqual(expect.objectContaining({ peer: superPeer.id, outcome: 'found', hedged: first?.peer === mute.id }));
  // Asked second it is so because one provider is few, or because the first answer took its time.
  expect([first, second]).toContainEqual(expect.objectContaining({ peer: mute.id, outcome: 'waiting' }));
});

test('who can not be a provider is dropped from an answer, and the reason is told', async () => {
  await using net = network();
  const lease = (name: string) => new OwnLease({ signer: signerOf(seedFrom(`peer/${name}`)), role: 'leaf', epoch: 1 }).renew(['/ip4/127.0.0.1/tcp/9']);
  const [itself, ended, forged] = [lease('seeker'), lease('ended'), lease('forged')];
  const answers: [string, LookupFrame & { t: 'found' }][] = [];
  await using fake = await FakeSuper.start((frame) => (frame.t === 'find?' ? (answers.shift()?.[1] as LookupFrame) : { t: 'leased' }));
  const seeker = await net.peer('seeker', { role: 'leaf', supers: [fake.address] });
  await seeker.hasSupers(1);
  const [one, two] = [factsOf(seededBytes('one', 1)).cid, factsOf(seededBytes('two', 1)).cid];
  answers.push(['useless', { t: 'found', leases: [{ statement: itself.signed, leftMs: maxLeaseMs }, { statement: ended.signed, leftMs: 0 }], answers: [{ cid: one, providers: [0, 1] }] }]);
  answers.push(['forged', { t: 'found', leases: [{ statement: { ...forged.signed, signature: new Uint8Array(64).fill(1) }, leftMs: maxLeaseMs }], answers: [{ cid: two, providers: [0] }] }]);
  const dropped = [{ peer: ended.peer, why: 'its lease has ended' }, { peer: seeker.id, why: 'this peer itself' }];
  expect((await traced(seeker, one))[1]).toMatchObject({ tier: 'super', peer: fake.id, outcome: 'nobody', providers: 0, dropped });
  expect((await traced(seeker, two))[1]).toMatchObject({ tier: 'super', peer: fake.id, outcome: 'failed', why: 'BAD_SIGNATURE' });
});
