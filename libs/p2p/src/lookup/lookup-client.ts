import { maxFrameBytes, type LookupFrame } from '@souk/contracts';
import { SoukError, verifyLease, type Cid, type CidSet, type Lease } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import type { StepOptions } from '../frame/frame-stream.ts';

/** Bytes of digests in one frame. */
const digestsPerFrame = maxFrameBytes / 2;

/** A lease to bring to a super-peer. */
export interface LeaseToBring {
  readonly lease: Lease;
  /** The cids that it counts; asked for only while `isCurrent`. */
  readonly cids: CidSet;
  /** Whether the cids are still those of the lease. */
  isCurrent(): boolean;
  /** How much of its life has passed, of a lease that is passed on. */
  readonly ageMs?: number;
}

/** What became of it: known there with all its cids, replaced here meanwhile, or less than what is known there. */
export type Brought = { readonly outcome: 'leased'; readonly fulls: readonly string[] } | { readonly outcome: 'changed' } | { readonly outcome: 'stale'; readonly known: Lease };

/** Brings a lease to a super-peer and answers what it asks until it knows every cid. Throws what the channel throws, RATE_LIMITED; BAD_FRAME when it asks for the same twice. */
export async function bringLease(channel: Channel<LookupFrame>, bring: LeaseToBring, step: StepOptions): Promise<Brought> {
  const { lease, cids, ageMs } = bring;
  await channel.send({ t: 'lease', statement: lease.signed, ...(ageMs === undefined ? {} : { ageMs: Math.round(ageMs) }) }, step);
  let answer = await channel.answer(step);
  const sent = new Set<number | 'hashes'>();
  while (answer.t === 'differs' || (answer.t === 'wants' && answer.buckets.length > 0)) {
    if (!bring.isCurrent()) return { outcome: 'changed' };
    const frame = answer.t === 'differs' ? hashesOf(lease.peer, cids) : bucketsOf(lease.peer, cids, answer.buckets);
    const parts = frame.t === 'buckets' ? frame.buckets.map(({ bucket }) => bucket) : ['hashes' as const];
    if (parts.some((one) => sent.has(one))) throw new SoukError('BAD_FRAME', 'The super-peer asks again for what it was sent of a lease.');
    for (const one of parts) sent.add(one);
    await channel.send(frame, step);
    answer = await channel.answer(step);
  }
  if (answer.t === 'stale') return { outcome: 'stale', known: verifyLease(answer.statement) };
  if (answer.t === 'leased') return { outcome: 'leased', fulls: answer.fulls ?? [] };
  throw new SoukError('BAD_FRAME', `The super-peer answered "${answer.t}" to a lease.`);
}

function hashesOf(peer: string, cids: CidSet): LookupFrame {
  const filled = new Uint8Array(32);
  const ordered = [...cids.hashes()].toSorted(([a], [b]) => a - b);
  for (const [bucket] of ordered) filled[bucket >> 3] = (filled[bucket >> 3] as number) | (1 << (bucket & 7));
  return { t: 'hashes', peer, filled, hashes: new Uint8Array(Buffer.concat(ordered.map(([, hash]) => hash))) };
}

function bucketsOf(peer: string, cids: CidSet, wanted: readonly number[]): LookupFrame {
  const buckets: { bucket: number; digests: Uint8Array }[] = [];
  let bytes = 0;
  for (const bucket of wanted) {
    const digests = cids.digests(bucket);
    if (buckets.length > 0 && bytes + digests.length > digestsPerFrame) break;
    bytes += digests.length + 32;
    buckets.push({ bucket, digests });
  }
  return { t: 'buckets', peer, buckets };
}

/** A provider that a super-peer named: its own signed lease, checked. */
export interface NamedProvider {
  readonly peer: string;
  readonly addresses: readonly string[];
  /** What is left of its life there, in milliseconds. */
  readonly leftMs: number;
  /** The zone that it says it is in. */
  readonly zone?: string | undefined;
}

/** Asks who serves cids. A lease that its peer has not signed makes the whole answer BAD_STATEMENT or BAD_SIGNATURE; cids that were not asked for are left out. `dropped` hears of providers that don't count. */
export async function findThere(channel: Channel<LookupFrame>, cids: readonly Cid[], step: StepOptions, dropped?: (peer: string, why: string) => void): Promise<ReadonlyMap<Cid, readonly NamedProvider[]>> {
  const { leases, answers } = await channel.asks('find?', async () => {
    await channel.send({ t: 'find?', cids: [...cids] }, step);
    return channel.expect('found', step);
  });
  const providers = leases.map(({ statement, leftMs }): NamedProvider => {
    const { peer, addresses, ttl, zone } = verifyLease(statement);
    return { peer, addresses, leftMs: Math.min(leftMs, ttl), zone };
  });
  const asked = new Set(cids);
  for (const { peer, leftMs } of providers) if (leftMs <= 0) dropped?.(peer, 'its lease has ended');
  return new Map(answers.filter(({ cid }) => asked.has(cid)).map((answer) => [answer.cid, [...new Set(answer.providers)].flatMap((at) => providers[at] ?? []).filter((one) => one.leftMs > 0)]));
}

/** Asks which cids anybody leases. */
export async function haveThere(channel: Channel<LookupFrame>, cids: readonly Cid[], step: StepOptions): Promise<readonly Cid[]> {
  await channel.send({ t: 'have?', cids: [...cids] }, step);
  const { cids: held } = await channel.expect('have', step);
  return cids.filter((cid) => held.includes(cid));
}
