import { randomBytes } from 'node:crypto';
import { protocols } from '@souk/contracts';
import { CidSet, signLease, type Lease } from '@souk/domain';
import type { RawPeer, RawStream } from '@souk/testing/hostile';

/** Bytes of digests in one frame. */
const digestBytesPerFrame = 131_072;

/** Leases that name blobs which there are not, as many as a super-peer takes. */
export class LeaseFlood {
  readonly #cids: number;
  readonly #refused: Record<string, number> = {};
  #taken = 0;

  /** So many cids in each lease. */
  constructor(cids: number) {
    this.#cids = cids;
  }

  /** Leases that were taken with all their cids, and others by the code of why not; `reset` where the stream was broken. */
  get outcome(): { readonly taken: number; readonly refused: Readonly<Record<string, number>> } {
    return { taken: this.#taken, refused: this.#refused };
  }

  /** Has a peer bring leases of its own, each of other cids, over as many streams as it takes. */
  async bring(raw: RawPeer, address: string, leases: number, end: AbortSignal): Promise<void> {
    const link = await raw.connect(address);
    let stream = await raw.open(link, protocols.lookup);
    // Two in turn: making sets takes longer than being refused.
    const sets = [this.#madeUp(), ...(leases > 1 ? [this.#madeUp()] : [])];
    for (let n = 1; n <= leases && !end.aborted; n += 1) {
      const code = await this.#bringOne(raw, stream, n, sets[n % sets.length] as CidSet);
      if (code === undefined) {
        this.#taken += 1;
        continue;
      }
      this.#refused[code] = (this.#refused[code] ?? 0) + 1;
      if (link.status !== 'open') return;
      stream.abort();
      stream = await raw.open(link, protocols.lookup);
    }
  }

  #madeUp(): CidSet {
    const set = new CidSet();
    set.addAll(Array.from({ length: this.#cids }, () => randomBytes(32).toString('latin1')));
    return set;
  }

  /** Undefined when it was taken. */
  async #bringOne(raw: RawPeer, stream: RawStream, n: number, set: CidSet): Promise<string | undefined> {
    const lease = signLease({ epoch: 1, n, role: 'leaf', addresses: ['/ip4/127.0.0.1/tcp/9'], root: set.root(), count: set.size, ttl: 600_000, mirror: false }, raw.signer);
    try {
      let answer = await stream.ask({ t: 'lease', statement: lease.signed });
      if (answer?.t === 'differs') answer = await stream.ask(hashesOf(lease, set));
      while (answer?.t === 'wants') answer = await stream.ask(bucketsOf(lease, set, answer['buckets'] as number[]));
      return answer?.t === 'leased' ? undefined : answer?.t === 'error' ? String(answer['code']) : 'reset';
    } catch {
      return 'reset';
    }
  }
}

function hashesOf({ peer }: Lease, set: CidSet): unknown {
  const filled = new Uint8Array(32);
  const hashes = [...set.hashes()].toSorted(([one], [other]) => one - other);
  for (const [bucket] of hashes) filled[bucket >> 3] = (filled[bucket >> 3] as number) | (1 << (bucket & 7));
  return { t: 'hashes', peer, filled, hashes: new Uint8Array(Buffer.concat(hashes.map(([, hash]) => hash))) };
}

function bucketsOf({ peer }: Lease, set: CidSet, wanted: readonly number[]): unknown {
  const buckets: { bucket: number; digests: Uint8Array }[] = [];
  for (let bytes = 0; bytes < digestBytesPerFrame && buckets.length < wanted.length; ) {
    const bucket = wanted[buckets.length] as number;
    const digests = set.digests(bucket);
    bytes += digests.length;
    buckets.push({ bucket, digests });
  }
  return { t: 'buckets', peer, buckets };
}
