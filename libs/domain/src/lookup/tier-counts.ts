import type { LookupTier } from './plan.ts';

/** A tier that can be asked. */
export type AskedTier = Exclude<LookupTier, 'none'>;

/** The tiers in the order in which a lookup asks them. */
export const askedTiers = ['local', 'hot', 'warm', 'super', 'peers', 'dht'] as const satisfies readonly AskedTier[];

/** How often a tier was asked, and how often it knew. */
export interface Hits {
  readonly asked: number;
  readonly hits: number;
}

/** How one tier does. */
export interface TierLine extends Hits {
  readonly tier: AskedTier;
  /** The last `recentMs`. */
  readonly recent: Hits;
}

const slotMs = 30_000;
const slots = 10;

/** How far back `recent` reaches, in milliseconds. */
export const recentMs = slotMs * slots;

interface Counted {
  asked: number;
  hits: number;
  /** The same by slots of time; a slot that `at` does not name is of an earlier round. */
  readonly ring: { at: number; asked: number; hits: number }[];
}

/** Counts which tiers of lookups knew, since the beginning and lately, in memory of a fixed size. Times are milliseconds. */
export class TierCounts {
  readonly #tiers = new Map<AskedTier, Counted>();

  /** A tier was asked; whether it knew. */
  asked(tier: AskedTier, hit: boolean, now: number): void {
    const counted = this.#tiers.get(tier) ?? { asked: 0, hits: 0, ring: Array.from({ length: slots }, () => ({ at: -1, asked: 0, hits: 0 })) };
    this.#tiers.set(tier, counted);
    const at = Math.floor(now / slotMs);
    const slot = counted.ring[at % slots] as Counted['ring'][number];
    if (slot.at !== at) Object.assign(slot, { at, asked: 0, hits: 0 });
    for (const one of [counted, slot]) {
      one.asked += 1;
      one.hits += hit ? 1 : 0;
    }
  }

  /** The tiers that were ever asked, in the order of a lookup. */
  lines(now: number): TierLine[] {
    const oldest = Math.floor(now / slotMs) - slots;
    return askedTiers.flatMap((tier) => {
      const counted = this.#tiers.get(tier);
      if (!counted) return [];
      const recent = counted.ring.filter((slot) => slot.at > oldest);
      const sum = (what: keyof Hits): number => recent.reduce((total, slot) => total + slot[what], 0);
      return [{ tier, asked: counted.asked, hits: counted.hits, recent: { asked: sum('asked'), hits: sum('hits') } }];
    });
  }
}
