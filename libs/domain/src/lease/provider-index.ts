import { SoukError } from '../errors/souk-error.ts';
import { sameBytes } from '../id/bytes.ts';
import type { Cid } from '../id/cid.ts';
import { ownerGroup } from './address-group.ts';
import { CidSet, digestKey, type DigestKey } from './cid-set.ts';
import { compareLeases, maxLeasedCids, maxLeaseMs, type Lease } from './lease.ts';
import { LeaseRepair, type RepairTarget } from './lease-repair.ts';
import { ProviderLists, type ListedProvider } from './provider-lists.ts';

/** What an index may hold. */
export interface IndexLimits {
  /** Peers with a lease. */
  readonly leases: number;
  /** Peers of one address group; ranges that are never routed are exempt. */
  readonly leasesPerGroup: number;
  /** Cids of one peer. */
  readonly cidsPerPeer: number;
  /** Pairs of a peer and a cid, in all: a quarter is kept free so that each of `leases` peers always has room for its part of it, the rest is for whoever comes first. */
  readonly pairs: number;
  /** Pairs of one address group beyond the part that each of its peers always has. */
  readonly pairsPerGroup: number;
  /** Providers kept of one cid. */
  readonly providersPerCid: number;
}

/** The limits of a super-peer: about 1 GiB when all of it is used. */
export const superIndexLimits: IndexLimits = { leases: 20_000, leasesPerGroup: 1000, cidsPerPeer: maxLeasedCids, pairs: 5_000_000, pairsPerGroup: 500_000, providersPerCid: 32 };

/** What became of a lease that was offered. */
export type Offered =
  /** Its cids are known, its life begins now. */
  | { readonly outcome: 'level' }
  /** It counts, but what it counts is not known yet: `repair` says which buckets to ask for. */
  | { readonly outcome: 'differs' }
  /** It took everything back. */
  | { readonly outcome: 'withdrawn' }
  /** One that counts more, or this very one, is known. */
  | { readonly outcome: 'stale'; readonly known: Lease };

/** How a lease came. */
export interface LeaseOrigin {
  /** Whether the peer itself brought it. */
  readonly direct: boolean;
  /** How much of its life passed at whoever passed it on, in milliseconds. */
  readonly ageMs?: number;
  /** Whether its peer is one that may call itself a mirror of everything: of anybody else that word counts for nothing, because it would be named for every cid. */
  readonly mayMirror?: boolean;
  /** Address group from which the peer brought it; what its lease says of its addresses unless given. */
  readonly group?: string;
}

/** A lease that counts, with what is left of its life in milliseconds. */
export interface LeasedProvider {
  readonly lease: Lease;
  readonly leftMs: number;
}

/** How often all leases are looked through for those that have ended, in milliseconds; in between they count no more all the same. */
const expireEveryMs = 1000;

interface Held extends ListedProvider, RepairTarget {
  lease: Lease;
  expiresAt: number;
  /** When it was first received, by whatever way. */
  since: number;
  /** Whether the peer itself brought it here, so that others are told from here. */
  direct: boolean;
}

/** A lease that counts no more, kept so that its replay does not count either. */
interface Past extends Pick<Held, 'lease' | 'since' | 'direct'> {
  readonly until: number;
}

/** What the peers of one address group have together: leases, and pairs beyond the part that each of them always has. */
interface GroupShare {
  leases: number;
  beyond: number;
}

type Life = Pick<Held, 'expiresAt' | 'since' | 'direct'>;

/**
 * Who serves what, by leases: the newest of each peer counts, for its life from receipt. Memory is bounded by the limits; what is beyond them is
 * refused with RATE_LIMITED. Whatever order messages come in, and whichever are lost or repeated, it holds what the newest leases say once each
 * lease that `differs` has been repaired.
 */
export class ProviderIndex {
  readonly #limits: IndexLimits;
  readonly #held = new Map<string, Held>();
  readonly #past = new Map<string, Past>();
  readonly #groups = new Map<string, GroupShare>();
  readonly #lists: ProviderLists<Held>;
  readonly #mirrors = new Set<Held>();
  /** Pairs of one peer for which there is always room. */
  readonly #part: number;
  #pairs = 0;
  #beyond = 0;
  #expired = -Infinity;

  constructor(limits: IndexLimits = superIndexLimits) {
    this.#limits = limits;
    this.#part = Math.floor(limits.pairs / limits.leases / 4);
    this.#lists = new ProviderLists(limits.providersPerCid);
  }

  /** Peers with a lease, and pairs of a peer and a cid. */
  get size(): { readonly leases: number; readonly pairs: number; readonly cids: number } {
    return { leases: this.#held.size, pairs: this.#pairs, cids: this.#lists.cids };
  }

  /**
   * Takes a lease in. Only one that its peer signed to have no life withdraws; of one that was passed on, whoever passed it on says how much is left, and
   * that word is the last one neither for the peer itself nor for another super-peer. Throws RATE_LIMITED when there is no room for one more peer.
   */
  offer(lease: Lease, now: number, from: LeaseOrigin): Offered {
    this.#expireNowAndThen(now);
    const held = this.#held.get(lease.peer);
    const known = held ?? this.#past.get(lease.peer);
    const order = known ? compareLeases(lease, known.lease) : 1;
    if (known && order < 0) return { outcome: 'stale', known: known.lease };
    if (lease.ttl === 0 && order > 0) return this.#withdraw(lease, now);
    const life = lifeOf(lease, now, from, order === 0 ? known : undefined);
    if (!life) return order === 0 && held && !held.level ? { outcome: 'differs' } : { outcome: 'stale', known: known?.lease ?? lease };
    const holder = held ?? this.#admit(lease, from.group);
    this.#take(holder, lease, life);
    if (lease.mirror && from.mayMirror) this.#mirrors.add(holder);
    else this.#mirrors.delete(holder);
    return { outcome: holder.level ? 'level' : 'differs' };
  }

  /** What to ask of a peer whose lease differs, given the hashes of its buckets. Throws BAD_FRAME unless they are those its lease signed, BAD_REQUEST without a lease. */
  repair(peer: string, hashes: ReadonlyMap<number, Uint8Array>): LeaseRepair {
    const held = this.#held.get(peer);
    if (!held) throw new SoukError('BAD_REQUEST', 'There is no lease to repair.');
    return new LeaseRepair(held, hashes, {
      isCurrent: (lease) => held.lease === lease && this.#held.get(peer) === held,
      replace: (bucket, keys) => this.#replace(held, bucket, keys),
    });
  }

  /** Providers of a cid, diverse, at most `most`; mirrors of everything come after those that named it. */
  find(cid: Cid, now: number, most = this.#limits.providersPerCid): LeasedProvider[] {
    const named = this.#lists.of(digestKey(cid)).filter((one) => one.expiresAt > now);
    const mirrors = [...this.#mirrors].filter((one) => one.expiresAt > now && !named.includes(one));
    return [...named, ...mirrors].slice(0, most).map(({ lease, expiresAt }) => ({ lease, leftMs: expiresAt - now }));
  }

  /** The lease of a peer, while it counts. */
  leaseOf(peer: string, now: number): LeasedProvider | undefined {
    const held = this.#held.get(peer);
    return held && held.expiresAt > now ? { lease: held.lease, leftMs: held.expiresAt - now } : undefined;
  }

  /** The cids of a peer, for whoever passes its lease on. */
  cidsOf(peer: string): CidSet | undefined {
    const held = this.#held.get(peer);
    return held?.level ? held.cids : undefined;
  }

  /** The lease by which a peer took everything back, as long as it is remembered. */
  withdrawalOf(peer: string): Lease | undefined {
    const past = this.#past.get(peer)?.lease;
    return past?.ttl === 0 ? past : undefined;
  }

  /** Leases that count, of those that the peers themselves brought here unless `all` are asked for. */
  *leases(now: number, all = false): Generator<LeasedProvider> {
    for (const { lease, expiresAt, direct } of this.#held.values()) if (expiresAt > now && (all || direct)) yield { lease, leftMs: expiresAt - now };
  }

  /** Forgets what has ended. It happens by itself where leases come in. */
  expire(now: number): void {
    this.#expired = now;
    for (const held of this.#held.values()) if (held.expiresAt <= now) this.#end(held, held, now);
    for (const [peer, past] of this.#past) if (past.until <= now) this.#past.delete(peer);
  }

  #expireNowAndThen(now: number): void {
    if (now - this.#expired >= expireEveryMs) this.expire(now);
  }

  #take(holder: Held, lease: Lease, life: Life): void {
    Object.assign(holder, { lease, ...life, level: holder.level && sameBytes(holder.root, lease.root) });
    if (!holder.level && sameBytes(holder.cids.root(), lease.root)) holder.level = true;
    holder.root = lease.root;
    this.#past.delete(lease.peer);
  }

  #admit(lease: Lease, observed: string | undefined): Held {
    const group = observed ?? ownerGroup(lease.addresses[0] ?? '');
    const share = this.#groups.get(group) ?? { leases: 0, beyond: 0 };
    if (this.#held.size >= this.#limits.leases || share.leases >= this.#limits.leasesPerGroup) throw full('peers');
    const held: Held = { peer: lease.peer, group, cids: new CidSet(), root: lease.root, level: false, lease, expiresAt: 0, since: 0, direct: false };
    this.#held.set(lease.peer, held);
    share.leases += 1;
    this.#groups.set(group, share);
    return held;
  }

  #replace(held: Held, bucket: number, keys: readonly DigestKey[]): void {
    const size = held.cids.size - held.cids.countOf(bucket) + keys.length;
    const more = this.#beyondPart(size) - this.#beyondPart(held.cids.size);
    const share = this.#groups.get(held.group) as GroupShare;
    const hasRoom = this.#beyond + more <= this.#limits.pairs - this.#part * this.#limits.leases && share.beyond + more <= this.#limits.pairsPerGroup;
    if (held.lease.count > this.#limits.cidsPerPeer || (more > 0 && !hasRoom)) throw full('blobs');
    const { added, removed } = held.cids.replace(bucket, keys);
    this.#count(held, added.length - removed.length, more);
    for (const key of removed) this.#lists.remove(key, held);
    for (const key of added) this.#lists.add(key, held);
  }

  /** How many of so many pairs of one peer have room only while there is some. */
  #beyondPart(size: number): number {
    return Math.max(0, size - this.#part);
  }

  #count(held: Held, pairs: number, beyond: number): void {
    this.#pairs += pairs;
    this.#beyond += beyond;
    (this.#groups.get(held.group) as GroupShare).beyond += beyond;
  }

  #withdraw(lease: Lease, now: number): Offered {
    const held = this.#held.get(lease.peer);
    const last = { lease, since: now, direct: true };
    if (held) this.#end(held, last, now);
    else this.#remember(last, now);
    return { outcome: 'withdrawn' };
  }

  #end(held: Held, last: Omit<Past, 'until'>, now: number): void {
    for (const key of held.cids.keys()) this.#lists.remove(key, held);
    this.#count(held, -held.cids.size, -this.#beyondPart(held.cids.size));
    this.#mirrors.delete(held);
    this.#held.delete(held.peer);
    const share = this.#groups.get(held.group) as GroupShare;
    share.leases -= 1;
    if (share.leases === 0) this.#groups.delete(held.group);
    this.#remember(last, now);
  }

  #remember({ lease, since, direct }: Omit<Past, 'until'>, now: number): void {
    const oldest = this.#past.keys().next().value;
    if (this.#past.size >= this.#limits.leases && oldest !== undefined) this.#past.delete(oldest);
    this.#past.delete(lease.peer);
    this.#past.set(lease.peer, { lease, since, direct, until: now + maxLeaseMs });
  }
}

/**
 * The life that a lease gets that came like this; undefined when it gets none, or no more than it has. `same`: it came before. Then its own peer
 * begins its life once, if others had it first; others prolong it by no more than was left when the first of them brought it.
 */
function lifeOf(lease: Lease, now: number, { direct, ageMs = 0 }: LeaseOrigin, same: (Omit<Past, 'until'> & Partial<Held>) | undefined): Life | undefined {
  if (same?.direct) return undefined;
  const since = direct ? now : (same?.since ?? now);
  const expiresAt = Math.min(now + lease.ttl - Math.max(0, ageMs), since + lease.ttl);
  const has = direct ? now : Math.max(now, same?.expiresAt ?? now);
  return expiresAt > has ? { expiresAt, since, direct } : undefined;
}

function full(of: string): SoukError {
  return new SoukError('RATE_LIMITED', `This super-peer has no room for more ${of}.`, { hint: 'Register with another super-peer.' });
}
