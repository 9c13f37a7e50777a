import { rendezvous, type Cid, type SitePlace } from '@souk/domain';
import { maxKept } from '@souk/contracts';
import type { SiteCalls } from './site-calls.ts';
import { tooFewCopies } from './site-role.ts';

/** What placing needs. */
export interface PlacerNeeds {
  readonly place: SitePlace;
  readonly calls: Pick<SiteCalls, 'keep'>;
}

/** How long one peer may take to bring blobs of an append here, in milliseconds; most came with the upload already. */
const keepMs = 6000;

/** Has blobs that this peer holds held by as many peers as the site promises. */
export class BlobPlacer {
  readonly #needs: PlacerNeeds;

  constructor(needs: PlacerNeeds) {
    this.#needs = needs;
  }

  /**
   * Resolves when blobs are on the disks of `copies` of the peers that answer, this one counted: the first ones in their rendezvous order, and
   * the next where one of those fails. Throws UNAVAILABLE when there are too few; those that have some keep them.
   */
  async placed(cids: readonly Cid[], answering: readonly number[], signal?: AbortSignal): Promise<void> {
    const { place } = this.#needs;
    for (let at = 0; at < cids.length; at += maxKept) await this.#place(cids.slice(at, at + maxKept), answering, place.copies, signal);
  }

  async #place(cids: readonly Cid[], answering: readonly number[], copies: number, signal?: AbortSignal): Promise<void> {
    const { ordinal: self, peers } = this.#needs.place;
    const wanted = new Map(cids.map((cid) => [cid, { ...candidates(rendezvous(cid, peers).filter((one) => answering.includes(one)), copies, self), holders: 1 }]));
    for (let isFirst = true; ; isFirst = false) {
      const asked = new Map<number, Cid[]>();
      for (const [cid, { first, rest, holders }] of wanted) {
        const next = isFirst ? first : rest.splice(0, Math.max(0, copies - holders));
        for (const ordinal of next) asked.set(ordinal, [...(asked.get(ordinal) ?? []), cid]);
      }
      if (asked.size === 0) break;
      const answers = await Promise.all([...asked].map(([ordinal, some]) => this.#held(ordinal, some, signal)));
      for (const cid of answers.flat()) {
        const one = wanted.get(cid);
        if (one) one.holders += 1;
      }
    }
    const short = [...wanted].filter(([, { holders }]) => holders < copies);
    if (short.length > 0) throw tooFewCopies(short.length === 1 ? `The blob ${short[0]?.[0]}` : `${short.length} blobs`, copies);
  }

  /** Those of the blobs that a peer has on disk when it answers; none when it does not. */
  async #held(ordinal: number, cids: readonly Cid[], signal?: AbortSignal): Promise<readonly Cid[]> {
    const { place, calls } = this.#needs;
    return calls.keep(ordinal, cids, place.ordinal, signal ? { signal, timeoutMs: 300_000 } : { timeoutMs: keepMs }).catch(() => []);
  }
}

/** Of peers in rendezvous order those that are meant to have a blob, and those that stand in for them; without this peer, which has it. */
function candidates(order: readonly number[], copies: number, self: number): { readonly first: number[]; readonly rest: number[] } {
  const others = (ordinals: readonly number[]): number[] => ordinals.filter((one) => one !== self);
  return { first: others(order.slice(0, copies)), rest: others(order.slice(copies)) };
}
