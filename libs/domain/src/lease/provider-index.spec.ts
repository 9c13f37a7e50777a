import { expect, test } from '@jest/globals';
import { fc } from '@souk/testing/properties';
import { blobCid, sha256Of, type Cid } from '../id/cid.ts';
import { seedFrom, signerOf } from '../record/ed25519.ts';
import { digestKey, type CidSet } from './cid-set.ts';
import { maxLeaseMs, type Lease } from './lease.ts';
import { OwnLease } from './own-lease.ts';
import { ProviderIndex, superIndexLimits } from './provider-index.ts';

const cidNumber = (number: number): Cid => blobCid(sha256Of(Uint8Array.of(number >> 8, number)));
const at = (name: string): string[] => [`/ip4/198.51.${100 + name.length}.${name.charCodeAt(0) % 250}/tcp/1`];
const lives = (name: string, epoch = 1): OwnLease => new OwnLease({ signer: signerOf(seedFrom(`peer/${name}`)), role: 'full', epoch });

/** What a peer answers while its lease is repaired. */
function repair(index: ProviderIndex, lease: Lease, cids: CidSet): void {
  const under = index.repair(lease.peer, cids.hashes());
  for (const bucket of under.wanted) under.fill(bucket, cids.digests(bucket));
}

function register(index: ProviderIndex, own: OwnLease, name: string, now = 0): Lease {
  const lease = own.renew(at(name));
  if (index.offer(lease, now, { direct: true }).outcome === 'differs') repair(index, lease, own.cids);
  return lease;
}

const finds = (index: ProviderIndex, cid: Cid, now = 1): string[] => index.find(cid, now).map((one) => one.lease.peer);

test('who leased a blob is found for as long as the lease lives, counted from its receipt', () => {
  const index = new ProviderIndex();
  const own = lives('a');
  own.add([cidNumber(1), cidNumber(2)]);
  const { peer } = register(index, own, 'a', 5000);
  expect(finds(index, cidNumber(1), 5000 + maxLeaseMs - 1)).toEqual([peer]);
  expect(finds(index, cidNumber(1), 5000 + maxLeaseMs)).toEqual([]);
  expect(finds(index, cidNumber(3))).toEqual([]);
  index.expire(5000 + maxLeaseMs);
  expect(index.size).toEqual({ leases: 0, pairs: 0, cids: 0 });
});

test('a lease that was passed on lives no longer than it would have where it was received', () => {
  const index = new ProviderIndex();
  const own = lives('a');
  own.add([cidNumber(1)]);
  const lease = own.renew(at('a'));
  index.offer(lease, 0, { direct: false, ageMs: maxLeaseMs - 1000 });
  repair(index, lease, own.cids);
  expect(finds(index, cidNumber(1), 999)).toEqual([lease.peer]);
  expect(finds(index, cidNumber(1), 1000)).toEqual([]);
});

test('the same lease again prolongs nothing, also after it ended or was withdrawn', () => {
  const index = new ProviderIndex();
  const own = lives('a');
  own.add([cidNumber(1)]);
  const lease = register(index, own, 'a');
  expect(index.offer(lease, maxLeaseMs - 1, { direct: true }).outcome).toBe('stale');
  expect(finds(index, cidNumber(1), maxLeaseMs)).toEqual([]);
  index.expire(maxLeaseMs);
  expect(index.offer(lease, maxLeaseMs + 1, { direct: true })).toMatchObject({ outcome: 'stale', known: lease });
  const again = register(index, own, 'a', maxLeaseMs + 2);
  expect(index.offer(own.withdrawal(), maxLeaseMs + 3, { direct: true }).outcome).toBe('withdrawn');
  expect(finds(index, cidNumber(1), maxLeaseMs + 4)).toEqual([]);
  expect(index.offer(again, maxLeaseMs + 5, { direct: true }).outcome).toBe('stale');
});

test.each([['all', maxLeaseMs], ['nearly all', maxLeaseMs - 1]])('who passes a lease on and says that %s of its life is over keeps neither its peer nor others from being heard', (_how, ageMs) => {
  const own = lives('a');
  own.add([cidNumber(1)]);
  const lease = own.renew(at('a'));
  const lied = (): ProviderIndex => {
    const index = new ProviderIndex();
    index.offer(lease, 0, { direct: false, ageMs });
    return index;
  };
  const offers = (index: ProviderIndex, now: number, from: { direct: boolean; ageMs?: number }): string[] => {
    if (index.offer(lease, now, from).outcome === 'differs') repair(index, lease, own.cids);
    return finds(index, cidNumber(1), now + 1);
  };
  // Before and after the life that was left has ended.
  for (const now of [0, 5000]) {
    expect(offers(lied(), now, { direct: true })).toEqual([lease.peer]);
    expect(offers(lied(), now, { direct: false, ageMs: 20 })).toEqual([lease.peer]);
  }
});

test('a lease that is passed on again and again lives no longer than from its first receipt; its own peer begins its life once', () => {
  const index = new ProviderIndex();
  const own = lives('a');
  own.add([cidNumber(1)]);
  const lease = own.renew(at('a'));
  index.offer(lease, 0, { direct: false, ageMs: 0 });
  repair(index, lease, own.cids);
  for (const now of [maxLeaseMs - 1, maxLeaseMs + 1]) index.offer(lease, now, { direct: false, ageMs: 0 });
  expect(finds(index, cidNumber(1), maxLeaseMs + 2)).toEqual([]);
  index.offer(lease, maxLeaseMs + 3, { direct: true });
  repair(index, lease, own.cids);
  for (const direct of [true, false]) index.offer(lease, 2 * maxLeaseMs, { direct });
  expect(finds(index, cidNumber(1), 2 * maxLeaseMs + 2)).toEqual([lease.peer]);
  expect(finds(index, cidNumber(1), 2 * maxLeaseMs + 3)).toEqual([]);
});

test('of a lease that changed, only buckets that differ are asked for', () => {
  const index = new ProviderIndex();
  const own = lives('a');
  own.add(Array.from({ length: 500 }, (_, number) => cidNumber(number)));
  register(index, own, 'a');
  own.add([cidNumber(1000)]);
  own.remove([cidNumber(3)]);
  const lease = own.renew(at('a'));
  expect(index.offer(lease, 1, { direct: true }).outcome).toBe('differs');
  const under = index.repair(lease.peer, own.cids.hashes());
  const touched = [cidNumber(1000), cidNumber(3)].map((cid) => digestKey(cid).charCodeAt(0));
  expect(under.wanted).toEqual([...new Set(touched)].toSorted((a, b) => a - b));
  for (const bucket of under.wanted) under.fill(bucket, own.cids.digests(bucket));
  expect([finds(index, cidNumber(1000), 2), finds(index, cidNumber(3), 2), finds(index, cidNumber(4), 2)]).toEqual([[lease.peer], [], [lease.peer]]);
});

test('what a repair brings must be what the lease signed', () => {
  const index = new ProviderIndex();
  const [own, other] = [lives('a'), lives('b')];
  own.add([cidNumber(1)]);
  other.add([cidNumber(1), cidNumber(2)]);
  const lease = own.renew(at('a'));
  index.offer(lease, 0, { direct: true });
  expect(() => index.repair(lease.peer, other.cids.hashes())).toThrow(expect.objectContaining({ code: 'BAD_FRAME' }));
  const under = index.repair(lease.peer, own.cids.hashes());
  for (const bucket of [0, 255, ...under.wanted]) expect(() => under.fill(bucket, other.cids.digests(bucket).slice(1))).toThrow(expect.objectContaining({ code: 'BAD_FRAME' }));
  expect(index.size.pairs).toBe(0);
});

test('a peer whose clock went back goes on after the lease that others know', () => {
  const index = new ProviderIndex();
  const before = lives('a', 9);
  before.add([cidNumber(1)]);
  register(index, before, 'a');
  const restarted = lives('a', 3);
  restarted.add([cidNumber(2)]);
  const offered = index.offer(restarted.renew(at('a')), 1, { direct: true });
  expect(offered.outcome).toBe('stale');
  if (offered.outcome === 'stale') expect(restarted.jump(offered.known)).toBe(true);
  const { peer } = register(index, restarted, 'a', 2);
  expect([finds(index, cidNumber(1), 3), finds(index, cidNumber(2), 3)]).toEqual([[], [peer]]);
});

test('of too many providers the kept ones are of many address groups', () => {
  const index = new ProviderIndex({ ...superIndexLimits, providersPerCid: 4 });
  const owners = ['near1', 'near2', 'near3', 'near4', 'near5', 'far', 'farther'].map((name) => ({ name, own: lives(name) }));
  for (const { own, name } of owners) {
    own.add([cidNumber(1)]);
    const lease = own.renew(name.startsWith('near') ? [`/ip4/198.51.100.${name.at(-1)}/tcp/1`] : [`/ip4/203.0.${name.length}.1/tcp/1`]);
    index.offer(lease, 0, { direct: true });
    repair(index, lease, own.cids);
  }
  const groups = index.find(cidNumber(1), 1).map(({ lease }) => lease.addresses[0]?.split('.').slice(0, 3).join('.'));
  expect(groups).toHaveLength(4);
  expect(new Set(groups).size).toBe(3);
});

test('a mirror of everything is found for every cid, behind those that named it; whoever is not known to be one is found for nothing', () => {
  const index = new ProviderIndex();
  const own = lives('a');
  own.add([cidNumber(1)]);
  const { peer } = register(index, own, 'a');
  const mirror = (name: string): Lease => new OwnLease({ signer: signerOf(seedFrom(`peer/${name}`)), role: 'super', epoch: 1, mirror: true }).renew(at(name));
  index.offer(mirror('anybody'), 0, { direct: true });
  expect([finds(index, cidNumber(1)), finds(index, cidNumber(7))]).toEqual([[peer], []]);
  const known = mirror('known');
  index.offer(known, 0, { direct: false, mayMirror: true });
  expect([finds(index, cidNumber(1)), finds(index, cidNumber(7))]).toEqual([[peer, known.peer], [known.peer]]);
});

test('as a super-peer comes it keeps 32 providers of a cid, of as many groups as there are, and 100,000 cids of a peer that is no mirror', () => {
  expect(superIndexLimits).toMatchObject({ providersPerCid: 32, cidsPerPeer: 100_000 });
  const index = new ProviderIndex();
  const crowd = Array.from({ length: 40 }, (_, number) => ({ name: `crowd ${number}`, address: `/ip4/198.51.100.${number}/tcp/1` }));
  const others = Array.from({ length: 5 }, (_, number) => ({ name: `other ${number}`, address: `/ip4/203.0.${number}.1/tcp/1` }));
  for (const { name, address } of [...crowd, ...others]) {
    const own = lives(name);
    own.add([cidNumber(1)]);
    const lease = own.renew([address]);
    index.offer(lease, 0, { direct: true });
    repair(index, lease, own.cids);
  }
  const found = index.find(cidNumber(1), 1).map(({ lease }) => lease.addresses[0]);
  expect(found).toHaveLength(32);
  expect(others.filter(({ address }) => found.includes(address))).toEqual(others);
});

test('there is a limit to peers, to peers of one group, to the cids of one and of all', () => {
  const index = new ProviderIndex({ leases: 3, leasesPerGroup: 2, cidsPerPeer: 10, pairs: 12, pairsPerGroup: 12, providersPerCid: 32 });
  const own = (name: string, cids: number): OwnLease => {
    const one = lives(name);
    one.add(Array.from({ length: cids }, (_, number) => cidNumber(number)));
    return one;
  };
  const full = expect.objectContaining({ code: 'RATE_LIMITED' }) as unknown as Error;
  expect(() => register(index, own('toobig', 11), 'a')).toThrow(full);
  register(index, own('b', 8), 'b');
  expect(() => register(index, own('c', 8), 'cc')).toThrow(full);
  expect(() => register(index, own('dd', 1), 'dd', 1)).toThrow(full);
  expect(index.size.pairs).toBeLessThanOrEqual(12);
  const grouped = new ProviderIndex({ ...superIndexLimits, leasesPerGroup: 2 });
  for (const name of ['x', 'y']) register(grouped, own(name, 1), name);
  expect(() => register(grouped, own('z', 1), 'z')).toThrow(full);
});

test('identities of one address group do not fill the index, and many of many groups leave room for peers that have little', () => {
  const limits = { leases: 20, leasesPerGroup: 20, cidsPerPeer: 100, pairs: 800, pairsPerGroup: 80, providersPerCid: 32 };
  const full = expect.objectContaining({ code: 'RATE_LIMITED' }) as unknown as Error;
  const offers = (index: ProviderIndex, name: string, cids: number, group: string): Lease => {
    const own = lives(name);
    own.add(Array.from({ length: cids }, (_, number) => cidNumber(number)));
    const lease = own.renew(at(name));
    if (index.offer(lease, 0, { direct: true, group }).outcome === 'differs') repair(index, lease, own.cids);
    return lease;
  };
  const index = new ProviderIndex(limits);
  for (let at = 0; at < 5; at += 1) expect(() => offers(index, `attacker-${at}`, 100, 'one')).toThrow(full);
  const honest = offers(index, 'honest', 60, 'two');
  expect(finds(index, cidNumber(59))).toContain(honest.peer);
  for (let at = 0; at < 12; at += 1) expect(() => offers(index, `sybil-${at}`, 100, `group-${at}`)).toThrow(full);
  expect(() => offers(index, 'late and large', 60, 'three')).toThrow(full);
  const small = offers(index, 'late and small', 10, 'four');
  expect([0, 9].map((number) => finds(index, cidNumber(number)).includes(small.peer))).toEqual([true, true]);
  expect(index.size.pairs).toBeLessThanOrEqual(800);
  index.expire(maxLeaseMs);
  const later = lives('late and large', 2);
  later.add(Array.from({ length: 80 }, (_, number) => cidNumber(number)));
  const lease = later.renew(at('large'));
  index.offer(lease, maxLeaseMs, { direct: true, group: 'three' });
  repair(index, lease, later.cids);
  expect(finds(index, cidNumber(79), maxLeaseMs + 1)).toEqual([lease.peer]);
});

/** A step in the life of three peers whose messages two super-peers may get, late, twice or not at all. */
const step = fc.record({
  peer: fc.constantFrom('a', 'b', 'c'),
  act: fc.constantFrom('add', 'remove', 'renew', 'withdraw', 'restart'),
  cid: fc.nat(40),
  lost: fc.boolean(),
});

test('in whatever order leases come, and whichever are lost or repeated: after the last ones are repaired, every index holds what they say', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.infiniteStream(fc.nat()), (steps, random) => {
      const peers = new Map(['a', 'b', 'c'].map((name) => [name, lives(name)]));
      const sent: { lease: Lease; cids: CidSet }[] = [];
      const epochs = new Map<string, number>();
      for (const { peer, act, cid } of steps) {
        let own = peers.get(peer) as OwnLease;
        if (act === 'restart') {
          epochs.set(peer, (epochs.get(peer) ?? 1) + 1);
          own = lives(peer, epochs.get(peer));
          peers.set(peer, own);
        }
        if (act === 'add') own.add([cidNumber(cid)]);
        if (act === 'remove') own.remove([cidNumber(cid)]);
        sent.push({ lease: act === 'withdraw' ? own.withdrawal() : own.renew(at(peer)), cids: own.cids });
      }
      const index = new ProviderIndex();
      const shuffled = steps.flatMap((one, place) => (one.lost ? [] : [sent[place] as (typeof sent)[number]])).toSorted(() => (random.next().value % 3) - 1);
      for (const { lease, cids } of [...shuffled, ...shuffled.slice(0, 5)]) {
        if (index.offer(lease, 0, { direct: true }).outcome !== 'differs') continue;
        try {
          repair(index, lease, cids);
        } catch {
          // The peer has gone on meanwhile: its buckets are not those of this lease, which stays to be repaired.
        }
      }
      for (const [name, own] of peers) {
        const lease = own.renew(at(name));
        if (index.offer(lease, 0, { direct: true }).outcome === 'differs') repair(index, lease, own.cids);
      }
      for (let number = 0; number <= 40; number += 1) {
        const holders = [...peers.values()].filter((own) => own.cids.has(digestKey(cidNumber(number)))).map((own) => own.renew([]).peer);
        expect(finds(index, cidNumber(number)).toSorted()).toEqual(holders.toSorted());
      }
      expect(index.size.pairs).toBe([...peers.values()].reduce((sum, own) => sum + own.cids.size, 0));
    }),
    { numRuns: 40 },
  );
});
