import type { BlobLedger, Cid } from '@souk/domain';
import { Pace } from '../pace.ts';
import type { Evictor } from './evictor.ts';

/** What sweeping needs. */
export interface SweepNeeds {
  readonly ledger: Pick<BlobLedger, 'unnamed'>;
  readonly evictor: Pick<Evictor, 'drop'>;
  /** Takes over what records say, so that nothing counts as an orphan that has just been named. */
  readonly catchUp: () => Promise<void>;
}

const page = 100;

/**
 * Deletes uploaded blobs that no record names and that came before a time (milliseconds since 1970); answers how many. The work is bounded
 * per slice and ends when `signal` aborts. Throws what the stores throw.
 */
export async function sweepOrphans({ ledger, evictor, catchUp }: SweepNeeds, before: number, signal: AbortSignal): Promise<number> {
  const pace = new Pace();
  const stayed = new Set<Cid>();
  let swept = 0;
  await catchUp();
  for (;;) {
    const orphans = (await ledger.unnamed(before, page + stayed.size)).filter((one) => !stayed.has(one.cid));
    if (orphans.length === 0) return swept;
    for (const { cid } of orphans) {
      if (signal.aborted) return swept;
      if (await evictor.drop(cid, ['unnamed'])) swept += 1;
      else stayed.add(cid);
      await pace.step();
    }
  }
}
