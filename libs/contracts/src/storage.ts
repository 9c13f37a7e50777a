import { z } from 'zod';
import { CheckStep } from '@souk/domain';

/** Some blobs together. */
const Tally = z.object({ blobs: z.int().min(0), bytes: z.int().min(0) }).meta({ id: 'Tally' });

/** What a peer keeps and how much room it has, in bytes. Below `disk.minFree` nothing is written. `isLevel` is false while it still looks what is there. */
export const StorageStatus = z
  .object({
    pinned: Tally,
    cached: Tally,
    unnamed: Tally,
    maxBytes: z.int().min(0).optional(),
    disk: z.object({ free: z.int().min(0), total: z.int().min(0), minFree: z.int().min(0) }),
    isLevel: z.boolean(),
  })
  .meta({ id: 'Storage' });
export type StorageStatus = z.infer<typeof StorageStatus>;

/** What a check of a running peer looks at beside its records, and whether it puts right what is safe. */
export const StorageCheckInput = z.object({ blobs: z.boolean().default(true), fix: z.boolean().default(false) }).meta({ id: 'StorageCheck' });
export type StorageCheckInput = z.infer<typeof StorageCheckInput>;

/** What a check over HTTP tells as it goes, with its end. */
export const StorageCheckEvent = z.discriminatedUnion('type', [...CheckStep.options, z.object({ type: z.literal('done') })]).meta({ id: 'StorageCheckEvent' });
export type StorageCheckEvent = z.infer<typeof StorageCheckEvent>;
