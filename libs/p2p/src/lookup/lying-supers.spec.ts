import { expect, test } from '@jest/globals';
import type { LookupFrame } from '@souk/contracts';
import { maxLeaseMs, OwnLease, seedFrom, signerOf, verifyLease, type Cid, type Lease } from '@souk/domain';
import { network, seededBytes, until, type BlobFacts, type TestNetwork, type TestPeer } from '@souk/testing';
import { FakeSuper } from './testing/fake-super.ts';

const quick = { limits: { hedgeMs: 50 }, lookupLimits: { hedgeMs: 5000 } };

/** The lease of a peer by that name, at addresses where it may or may not be. */
function leaseOf(name: string, addresses: readonly string[] = ['/ip4/127.0.0.1/tcp/9']): Lease {
  return new OwnLease({ signer: signerOf(seedFrom(`peer/${name}`)), role: 'leaf', epoch: 1 }).renew(addresses);
}

/** Names these leases for whatever is asked for. */
const naming = (...leases: readonly Pick<Lease, 'signed'>[]) => (frame: LookupFrame): LookupFrame => {
  const leased = leases.map(({ signed }) => ({ statement: signed, leftMs: maxLeaseMs }));
  return frame.t === 'find?' ? { t: 'found', leases: leased, answers: frame.cids.map((cid: Cid) => ({ cid, providers: leases.map((_, at) => at) })) } : { t: 'leased' };
};

/** An honest super-peer, and a leaf that holds a blob. */
async function honestHalf(net: TestNetwork): Promise<{ honest: TestPeer; holder: TestPeer; facts: BlobFacts }> {
  const honest = await net.peer('honest', { role: 'super' });
  const holder = await net.peer('holder', { role: 'leaf', supers: [honest] });
  const facts = await holder.keeps(seededBytes('template', 500));
  void holder.node.provide([facts.cid]);
  await honest.indexes(2, 1);
  return { honest, holder, facts };
}

const verdictsOf = (peer: TestPeer, fake: FakeSuper): readonly string[] => peer.verdicts.filter((one) => one.peer === fake.id).map((one) => one.verdict);

/** What a lie is called by who notices it at once; who names dead peers is noticed only when somebody waits for one of them. */
const lies: [string, (frame: LookupFrame) => LookupFrame, string][] = [
  ['knows nobody', naming(), 'omitted'],
  ['names a peer that is gone', naming(leaseOf('gone')), 'ok'],
  ['names two that are gone', naming(leaseOf('gone'), leaseOf('gone too')), 'ok'],
  ['makes up a lease', naming({ signed: { ...leaseOf('gone').signed, signature: new Uint8Array(64).fill(1) } }), 'bad-answer'],
];

test.each(lies)('a super-peer that %s keeps nobody from the blob, and is noticed', async (_what, lie, verdict) => {
  await using net = network(quick);
  const { honest, holder, facts } = await honestHalf(net);
  await using liar = await FakeSuper.start(lie);
  const seeker = await net.peer('seeker', { role: 'leaf', supers: [liar.address, honest] });
  await seeker.hasSupers(2);
  expect(await seeker.fetches(facts)).toMatchObject({ providers: [holder.id], already: false });
  // The honest one knows one provider, which is not enough: the liar is always asked too.
  await until(() => verdictsOf(seeker, liar).includes(verdict), seeker.changes);
});

test('one answer is enough: a lookup waits for no second super-peer, which is asked all the same', async () => {
  await using net = network(quick);
  const { honest, holder, facts } = await honestHalf(net);
  const { promise: askedToo, resolve } = Promise.withResolvers<void>();
  const silent = (frame: LookupFrame): LookupFrame | Promise<never> => {
    if (frame.t !== 'find?') return { t: 'leased' };
    resolve();
    return new Promise<never>(() => undefined);
  };
  await using mute = await FakeSuper.start(silent);
  const seeker = await net.peer('seeker', { role: 'leaf', supers: [mute.address, honest], lookupLimits: { hedgeMs: 50, answerMs: 3_600_000 } });
  await seeker.hasSupers(2);
  expect(await seeker.node.lookup(facts.cid)).toMatchObject({ tier: 'super', providers: [holder.id] });
  await askedToo;
});

test('with that super-peer alone the blob is not found: it is the second one that helps', async () => {
  await using net = network(quick);
  const { facts } = await honestHalf(net);
  await using liar = await FakeSuper.start(naming());
  const seeker = await net.peer('seeker', { role: 'leaf', supers: [liar.address] });
  await seeker.hasSupers(1);
  expect(await seeker.node.lookup(facts.cid)).toMatchObject({ tier: 'none', providers: [] });
});

/** A seeker that audits so many of its lookups, between an honest super-peer and one that names two peers which do not have the blob. */
async function seekerNearInventor(net: TestNetwork, auditShare: number): Promise<{ seeker: TestPeer; liar: FakeSuper; holder: TestPeer; facts: BlobFacts }> {
  const { honest, holder, facts } = await honestHalf(net);
  const [a, b] = await Promise.all(['a', 'b'].map((name) => net.peer(name, { role: 'leaf', supers: [honest] })));
  const inventing = naming(...[a, b].map((peer) => leaseOf((peer as TestPeer).name, peer?.node.multiaddrs())));
  const liar = await FakeSuper.start(inventing);
  const seeker = await net.peer('seeker', { role: 'leaf', supers: [liar.address, honest], lookupLimits: { hedgeMs: 5000, auditShare } });
  await seeker.hasSupers(2);
  return { seeker, liar, holder, facts };
}

test('a super-peer that names peers which do not have the blob is found out by an audit', async () => {
  await using net = network(quick);
  const { seeker, liar, holder, facts } = await seekerNearInventor(net, 1);
  await using _end = liar;
  for (let asked = 0; !verdictsOf(seeker, liar).includes('invented') && asked < 50; asked += 1) {
    const { providers } = await seeker.node.lookup(facts.cid);
    if (!providers.includes(holder.id)) await until(() => verdictsOf(seeker, liar).includes('invented'), seeker.changes);
  }
  expect(verdictsOf(seeker, liar)).toContain('invented');
});

test('without audits nobody notices what that super-peer does', async () => {
  await using net = network(quick);
  const { seeker, liar, facts } = await seekerNearInventor(net, 0);
  await using _end = liar;
  let deceived = 0;
  for (let asked = 0; asked < 50; asked += 1) {
    const { providers } = await seeker.node.lookup(facts.cid);
    if (providers.length === 2) deceived += 1;
  }
  expect(deceived).toBeGreaterThan(0);
  expect(verdictsOf(seeker, liar)).not.toContain('invented');
});

test('a lease that was lost on its way is brought again until it is taken', async () => {
  await using net = network(quick);
  const frames: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const forgetful = (frame: LookupFrame): LookupFrame | undefined => {
    frames.push(frame.t);
    if (frames.length < 4) return frame.t === 'lease' && frames.length === 2 ? { t: 'differs' } : undefined;
    resolve();
    return { t: 'leased' };
  };
  await using lossy = await FakeSuper.start(forgetful);
  const leaf = await net.peer('leaf', { role: 'leaf', supers: [lossy.address] });
  await leaf.hasSupers(1);
  await promise;
  expect(frames).toEqual(['lease', 'lease', 'hashes', 'lease']);
});

test('a lease is renewed while it lives, although nothing has changed', async () => {
  await using net = network(quick);
  const numbers = new Set<number>();
  const { promise: renewedTwice, resolve } = Promise.withResolvers<void>();
  const hearing = (frame: LookupFrame): LookupFrame => {
    if (frame.t === 'lease' && numbers.add(verifyLease(frame.statement).n).size >= 3) resolve();
    return { t: 'leased' };
  };
  await using superPeer = await FakeSuper.start(hearing);
  await net.peer('leaf', { role: 'leaf', supers: [superPeer.address], lookupLimits: { leaseMs: 400 } });
  await renewedTwice;
  expect(numbers.size).toBeGreaterThanOrEqual(3);
});

test('a super-peer that passes a lease on as spent keeps nobody from being found at the others', async () => {
  await using net = network(quick);
  const { promise: told, resolve } = Promise.withResolvers<Lease>();
  const hearing = (frame: LookupFrame): LookupFrame => {
    const lease = frame.t === 'lease' ? verifyLease(frame.statement) : undefined;
    if (lease?.count === 1) resolve(lease);
    return { t: 'leased' };
  };
  await using liar = await FakeSuper.start(hearing);
  const honest = await net.peer('honest', { role: 'super', supers: [liar.address] });
  await honest.hasSupers(1);
  const holder = await net.peer('holder', { role: 'leaf', supers: [liar.address] });
  const facts = await holder.keeps(seededBytes('template', 500));
  void holder.node.provide([facts.cid]);
  expect((await liar.passesOn(await told, honest.node.multiaddrs()[0] as string, maxLeaseMs)).t).toBe('stale');
  holder.node.setSupers([liar.address, ...honest.node.multiaddrs()]);
  await honest.indexes(2, 1);
});

test('a super-peer that another one told of may be asked, but passes leases of others on only to whom it is named', async () => {
  await using net = network(quick);
  await using other = await FakeSuper.start(() => ({ t: 'leased' }));
  const one = await net.peer('one', { role: 'super', supers: [other.address] });
  await one.hasSupers(1);
  const two = await net.peer('two', { role: 'super', supers: [one] });
  await two.hasSupers(2);
  const at = (peer: TestPeer): string => peer.node.multiaddrs()[0] as string;
  expect((await other.passesOn(leaseOf('gone'), at(one), 0)).t).toBe('leased');
  await expect(other.passesOn(leaseOf('gone'), at(two), 0)).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

const again: [string, (frame: LookupFrame) => LookupFrame][] = [
  ['refuses it for an older one', () => ({ t: 'stale', statement: leaseOf('leaf').signed })],
  ["refuses it for somebody else's", () => ({ t: 'stale', statement: leaseOf('stranger').signed })],
  ['asks for the same bucket again and again', (frame) => (frame.t === 'lease' ? { t: 'differs' } : { t: 'wants', buckets: [7] })],
];

test.each(again)('to a super-peer that %s a lease is not brought again before a pause', async (_what, lie) => {
  await using net = network(quick);
  const heard: string[] = [];
  const { promise: thrice, resolve } = Promise.withResolvers<void>();
  const lying = (frame: LookupFrame, stream: number): LookupFrame => {
    heard.push(`${frame.t} ${stream}`);
    if (stream < 3) return lie(frame);
    resolve();
    return { t: 'leased' };
  };
  await using liar = await FakeSuper.start(lying);
  const leaf = await net.peer('leaf', { role: 'leaf', supers: [liar.address] });
  await leaf.hasSupers(1);
  await thrice;
  // A stream is given up for what is not an answer, and the next one begins after the pause that any failure is followed by.
  expect(heard).toEqual([...new Set(heard)]);
});
