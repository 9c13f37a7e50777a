import { maxFound, type LookupFrame } from '@souk/contracts';
import { SoukError, verifyLease, type Cid, type LeaseRepair, type LeasedProvider, type Offered, type ProviderIndex } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import type { StepOptions } from '../frame/frame-stream.ts';
import { underTrace, type TraceHook } from '../frame/trace-hook.ts';
import type { LookupLimits } from './lookup-limits.ts';
import type { LookupQuotas } from './lookup-quotas.ts';

/** Leases in one answer: with at most 4 KiB each and their frame they fit into one. */
const leaseBytesPerAnswer = 196_608;
/** Peers of role full that a leaf is told of, to remember. */
const fullsTold = 20;

/** Who asks. */
export interface Asker {
  readonly peer: string;
  /** Group of the address that the link comes from. */
  readonly group: string;
  /** Whether it is a super-peer of this network, which may pass leases of others on. */
  readonly isSuper: boolean;
}

/** What serving lookups needs. */
export interface LookupServerNeeds {
  readonly index: ProviderIndex;
  readonly quotas: LookupQuotas;
  readonly limits: LookupLimits;
  /** How long a frame may take to come once it has begun, in milliseconds. */
  readonly frameMs: number;
  readonly trace?: TraceHook | undefined;
  now(): number;
  /** Whether a peer is a super-peer of this network. */
  isSuper(peer: string): boolean;
  /** A lease counts now with all its cids, or took everything back; `direct` when its peer itself brought it. */
  leased(peer: string, direct: boolean): void;
}

/** Answers one peer's `/souk/lookup/1` stream until it ends. Throws what the channel throws, RATE_LIMITED, BAD_FRAME, FORBIDDEN, BAD_STATEMENT, BAD_SIGNATURE. */
export async function serveLookup(channel: Channel<LookupFrame>, asker: Asker, needs: LookupServerNeeds, signal: AbortSignal): Promise<void> {
  const session = new LookupSession(asker, needs, () => channel.turn());
  const step: StepOptions = { timeoutMs: needs.limits.idleMs, frameMs: needs.frameMs, signal };
  for (let frame = await channel.receive(step); frame !== undefined; frame = await channel.receive(step)) {
    const asked = frame;
    await underTrace(needs.trace, channel, asked, async () => channel.send(await session.answer(asked), { timeoutMs: needs.limits.answerMs, signal }));
  }
}

interface UnderRepair {
  readonly peer: string;
  under: LeaseRepair | undefined;
}

/** Digests that are taken in before others get their turn: about half a millisecond's work. */
const digestsAtOnce = 256;
const digestBytes = 32;

/** One stream: the lease that is being repaired, and who asks. */
class LookupSession {
  readonly #asker: Asker;
  readonly #needs: LookupServerNeeds;
  readonly #turn: () => Promise<void>;
  #repair: UnderRepair | undefined;

  constructor(asker: Asker, needs: LookupServerNeeds, turn: () => Promise<void>) {
    this.#asker = asker;
    this.#needs = needs;
    this.#turn = turn;
  }

  /** The answer to a frame. */
  async answer(frame: LookupFrame): Promise<LookupFrame> {
    switch (frame.t) {
      case 'lease':
        return this.#lease(frame);
      case 'hashes':
        return this.#hashes(frame);
      case 'buckets':
        return this.#buckets(frame);
      case 'find?':
        return this.#find(frame.cids);
      case 'have?':
        return this.#have(frame.cids);
      default:
        throw new SoukError('BAD_FRAME', `The peer sent "${frame.t}", which is an answer, without being asked.`);
    }
  }

  #lease({ statement, ageMs }: Extract<LookupFrame, { t: 'lease' }>): LookupFrame {
    const { index, now } = this.#needs;
    const { peer, group, isSuper } = this.#asker;
    this.#chargeLease();
    const lease = verifyLease(statement);
    const direct = lease.peer === peer;
    if (!direct && !isSuper) throw new SoukError('FORBIDDEN', 'Only super-peers pass on leases of others.', { hint: 'Bring the lease over a link of its own peer.' });
    const offered = index.offer(lease, now(), { direct, mayMirror: this.#needs.isSuper(lease.peer), ...(direct ? { group } : {}), ...(ageMs === undefined ? {} : { ageMs }) });
    return this.#outcome(lease.peer, offered, direct);
  }

  #outcome(peer: string, offered: Offered, direct: boolean): LookupFrame {
    if (offered.outcome === 'stale') return { t: 'stale', statement: offered.known.signed };
    this.#repair = offered.outcome === 'differs' ? { peer, under: undefined } : undefined;
    return offered.outcome === 'differs' ? { t: 'differs' } : this.#done(peer, direct);
  }

  #done(peer: string, direct: boolean): LookupFrame {
    this.#repair = undefined;
    this.#needs.leased(peer, direct);
    return { t: 'leased', ...(direct ? { fulls: this.#fulls(peer) } : {}) };
  }

  #hashes({ peer, filled, hashes }: Extract<LookupFrame, { t: 'hashes' }>): LookupFrame {
    const repair = this.#underRepair(peer);
    // One lease has its hashes compared once.
    if (repair.under) this.#chargeLease();
    const byBucket = new Map<number, Uint8Array>();
    for (let bucket = 0; bucket < 256; bucket += 1) {
      if (((filled[bucket >> 3] as number) & (1 << (bucket & 7))) === 0) continue;
      const at = byBucket.size * 32;
      byBucket.set(bucket, hashes.slice(at, at + 32));
    }
    if (byBucket.size * 32 !== hashes.length) throw new SoukError('BAD_FRAME', 'There are not as many hashes as buckets.');
    repair.under = this.#needs.index.repair(peer, byBucket);
    return this.#wants(peer, repair.under);
  }

  async #buckets({ peer, buckets }: Extract<LookupFrame, { t: 'buckets' }>): Promise<LookupFrame> {
    const { under } = this.#underRepair(peer);
    if (!under) throw new SoukError('BAD_FRAME', 'The peer sent buckets before their hashes.');
    this.#chargeTold(buckets.reduce((sum, { digests }) => sum + digests.length / digestBytes, 0));
    let taken = 0;
    for (const { bucket, digests } of buckets) {
      if (taken > digestsAtOnce) {
        await this.#turn();
        taken = 0;
      }
      under.fill(bucket, digests);
      taken += digests.length / digestBytes;
    }
    return this.#wants(peer, under);
  }

  #wants(peer: string, under: LeaseRepair): LookupFrame {
    return under.wanted.length > 0 ? { t: 'wants', buckets: [...under.wanted] } : this.#done(peer, peer === this.#asker.peer);
  }

  #underRepair(peer: string): UnderRepair {
    if (this.#repair?.peer !== peer) throw new SoukError('BAD_FRAME', 'The peer sent what belongs to a lease that it has not brought.');
    return this.#repair;
  }

  #find(cids: readonly Cid[]): LookupFrame {
    this.#charge(cids.length);
    const { index, now } = this.#needs;
    const places = new Map<string, number>();
    const leases: Extract<LookupFrame, { t: 'found' }>['leases'] = [];
    let bytes = 0;
    const place = ({ lease, leftMs }: LeasedProvider): number[] => {
      const known = places.get(lease.peer);
      if (known !== undefined) return [known];
      bytes += lease.signed.bytes.length + 128;
      if (bytes > leaseBytesPerAnswer || leases.length === 256) return [];
      leases.push({ statement: lease.signed, leftMs: Math.ceil(leftMs) });
      places.set(lease.peer, leases.length - 1);
      return [leases.length - 1];
    };
    const at = now();
    const answers = cids.map((cid) => ({ cid, providers: index.find(cid, at, cids.length > 10 ? 2 : maxFound).filter(({ lease }) => lease.peer !== this.#asker.peer).flatMap(place) }));
    return { t: 'found', leases, answers };
  }

  #have(cids: readonly Cid[]): LookupFrame {
    this.#charge(cids.length);
    const { index, now } = this.#needs;
    const at = now();
    return { t: 'have', cids: cids.filter((cid) => index.find(cid, at, 1).length > 0) };
  }

  #chargeLease(): void {
    const { peer, group, isSuper } = this.#asker;
    if (!isSuper) this.#needs.quotas.takeLease(peer, group, this.#needs.now());
  }

  #chargeTold(cids: number): void {
    const { peer, group, isSuper } = this.#asker;
    if (!isSuper) this.#needs.quotas.takeTold(peer, group, cids, this.#needs.now());
  }

  #charge(cids: number): void {
    const { peer, group, isSuper } = this.#asker;
    if (!isSuper) this.#needs.quotas.takeFinds(peer, group, cids, this.#needs.now());
  }

  /** Addresses of full peers, other ones for each who asks. */
  #fulls(asking: string): string[] {
    const { index, now } = this.#needs;
    const addresses: string[] = [];
    for (const { lease } of index.leases(now(), true)) {
      const [address] = lease.addresses;
      if (lease.role !== 'full' || lease.peer === asking || address === undefined) continue;
      addresses.push(address.includes('/p2p/') ? address : `${address}/p2p/${lease.peer}`);
      if (addresses.length === 4 * fullsTold) break;
    }
    const from = addresses.length <= fullsTold ? 0 : asking.charCodeAt(asking.length - 1) % addresses.length;
    return [...addresses.slice(from), ...addresses.slice(0, from)].filter((address) => address.length <= 256).slice(0, fullsTold);
  }
}
