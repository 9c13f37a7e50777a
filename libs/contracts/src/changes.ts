import { z } from 'zod';
import { PackageName } from '@souk/domain';
import { PackageSummary } from './package-docs.ts';

/**
 * What one who follows the catalogue is told: a package as it is now, because a record touched it; a package that is no longer there; and after
 * each page, and whenever nothing happened for a while, the cursor to go on from, with whether there was more. What is told after a cursor may be told again.
 */
export const ChangeEvent = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('changed'), package: PackageSummary }),
    z.object({ type: z.literal('gone'), name: PackageName }),
    z.object({ type: z.literal('cursor'), cursor: z.int().min(0), caughtUp: z.boolean() }),
  ])
  .meta({ id: 'ChangeEvent' });
export type ChangeEvent = z.infer<typeof ChangeEvent>;

/** Where to begin: after a cursor; without one at what is new from now on. The header `Last-Event-ID` counts instead where there is one, as browsers send it. */
export const ChangesQuery = z.object({ after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional() });
export type ChangesQuery = z.infer<typeof ChangesQuery>;
