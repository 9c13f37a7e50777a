import { blobCid, sha256Of, type Cid, type LookupTier } from '@souk/domain';

/** The lookups that networks of every kind are measured by. */

/** A network's peers, and the cids that all of them have together: as many each. */
export interface Provided {
  readonly peers: number;
  readonly cids: number;
}

const cidOf = (number: number): Cid => blobCid(sha256Of(new TextEncoder().encode(`cid ${number}`)));

/** The cids that one peer has. */
export function cidsOfPeer(peer: number, { peers, cids }: Provided): Cid[] {
  const each = cids / peers;
  return Array.from({ length: each }, (_, at) => cidOf(peer * each + at));
}

/** A lookup: by which peer, of which one's blob. */
export interface NthLookup {
  readonly seeker: number;
  readonly owner: number;
  readonly cid: Cid;
}

/** The n-th lookup: by and of which peers, and of which cid. No other one of the first `peers` is by the same peer, and none of the first `cids / peers` is of the same cid. */
export function nthLookup(n: number, { peers, cids }: Provided): NthLookup {
  const each = cids / peers;
  const seeker = n % peers;
  const owner = (seeker + 1 + (n % (peers - 1))) % peers;
  return { seeker, owner, cid: cidOf(owner * each + (n % each)) };
}

/** Throws unless a lookup found the one who has the blob, and where it should have. */
export function requireFound(n: number, { tier, providers }: { readonly tier: LookupTier; readonly providers: readonly string[] }, wanted: { readonly tier: LookupTier; readonly provider: string | undefined }): void {
  if (tier !== wanted.tier || providers.join() !== wanted.provider) throw new Error(`lookup ${n} ended at the tier ${tier} with ${providers.length} providers`);
}
