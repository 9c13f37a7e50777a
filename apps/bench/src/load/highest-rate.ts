/** Where a search for the highest rate begins and ends. */
export interface RateSearch {
  /** The first rate that is tried. */
  readonly from: number;
  /** No rate above it is tried. */
  readonly most: number;
  /** It ends when the lowest rate that failed is at most this many times the highest that held. */
  readonly precision: number;
}

/** The highest rate at which something holds, 0 when it does not even hold at the least of 1: doubles until it does not, then halves the gap. Rates are whole numbers. */
export async function highestRate(holds: (rate: number) => Promise<boolean>, { from, most, precision }: RateSearch): Promise<number> {
  let held = 0;
  let failed = Infinity;
  for (let rate = from; ; ) {
    if (await holds(rate)) held = rate;
    else failed = rate;
    if (held >= most || failed - held <= 1 || failed <= held * precision) return held;
    rate = failed === Infinity ? Math.min(most, held * 2) : Math.floor(held === 0 ? failed / 2 : (held + failed) / 2);
  }
}
