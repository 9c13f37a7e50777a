import type { Cid } from '../id/cid.ts';
import { sha256Of } from '../id/cid.ts';

const text = new TextEncoder();
const prefix = 'souk/place/1';

/** What one peer bids for a blob: the first 48 bits of a hash over both, so that nobody can choose it and every peer computes the same. */
function bid(cid: Cid, ordinal: number): number {
  const hash = sha256Of(text.encode(`${prefix}\0${cid}\0${ordinal}`));
  return new DataView(hash.buffer, hash.byteOffset).getUint32(0) * 65_536 + new DataView(hash.buffer, hash.byteOffset).getUint16(4);
}

/**
 * The ordinals 0 to `peers` - 1 in the order in which they are to hold a blob: the highest bid first (rendezvous hashing, Thaler and
 * Ravishankar 1996). Every peer of a site computes the same without asking; one more peer takes only what it now bids highest for.
 */
export function rendezvous(cid: Cid, peers: number): number[] {
  const bids = Array.from({ length: peers }, (_, ordinal) => ({ ordinal, bid: bid(cid, ordinal) }));
  return bids.sort((a, b) => b.bid - a.bid || a.ordinal - b.ordinal).map(({ ordinal }) => ordinal);
}

/** Which of a site's peers this is, how many there are, and how many of them hold what is acknowledged. */
export interface SitePlace {
  /** From 0, the primary, to `peers` - 1. */
  readonly ordinal: number;
  /** At least 1. */
  readonly peers: number;
  /** From 1 to `peers`. */
  readonly copies: number;
}

/** The ordinals that are meant to hold a blob which was published at the site: `copies` of them. */
export function assignedOrdinals(cid: Cid, { peers, copies }: Pick<SitePlace, 'peers' | 'copies'>): number[] {
  return rendezvous(cid, peers).slice(0, copies);
}

/** Whether this peer is meant to hold it. */
export function isAssigned(cid: Cid, place: SitePlace): boolean {
  return place.copies >= place.peers || assignedOrdinals(cid, place).includes(place.ordinal);
}

/**
 * How many siblings a primary without records of its own must have heard, so that at least one of any `copies` peers that acknowledged
 * something is among them: it was one of those itself, so `copies` - 1 others were, and they cannot all be among the ones left out.
 */
export function siblingsToHear({ peers, copies }: Pick<SitePlace, 'peers' | 'copies'>): number {
  return Math.min(peers - 1, peers - copies + 1);
}
