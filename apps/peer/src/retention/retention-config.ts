import { isPinPattern } from '@souk/domain';
import { defineConfig } from '@souk/nest';
import { z } from 'zod';

const share = (least: number, most: number): z.ZodType<number> =>
  z
    .string()
    .regex(/^\d{1,3}(\.\d{1,3})?\s*%?$/, 'expected a percentage such as 5')
    .transform((text) => Number.parseFloat(text) / 100)
    .pipe(z.number().min(least / 100, `expected at least ${least} %`).max(most / 100, `expected at most ${most} %`));

const patterns = z
  .string()
  .transform((text) => text.split(',').map((one) => one.trim()).filter((one) => one !== ''))
  .pipe(z.array(z.string().refine(isPinPattern, 'expected package names, @scope/*, publishers (z6Mk...) or *, separated by commas')));

const bytes = z.coerce.number('expected a number of bytes').int();

/** What the peer can be told about the room that blobs take. */
export const retentionConfig = defineConfig({
  maxStorage: { env: 'SOUK_STORAGE_MAX_BYTES', schema: bytes.min(1_048_576, 'expected at least 1048576').optional(), help: 'Most bytes of all blobs together; unset: as many as the disk takes. Cached blobs are evicted, the least recently used first.' },
  highWater: { env: 'SOUK_STORAGE_HIGH_WATER', schema: share(1, 100), default: '95', help: 'Percent of the room for cached blobs above which an eviction begins.' },
  lowWater: { env: 'SOUK_STORAGE_LOW_WATER', schema: share(0, 100), default: '85', help: 'Percent of the room for cached blobs at which an eviction ends.' },
  minFree: { env: 'SOUK_STORAGE_MIN_FREE', schema: share(0, 90), default: '5', help: 'Percent of the disk that stays free: below it nothing is written (STORAGE_FULL) and reads go on.' },
  pin: { env: 'SOUK_STORAGE_PIN', schema: patterns.optional(), help: 'What is kept for good once it is here, beside what is published here: package names, @scope/*, publishers or *, separated by commas.' },
  orphanGrace: { env: 'SOUK_STORAGE_GRACE', schema: z.coerce.number('expected seconds').min(1).max(31_536_000), default: '3600', help: 'Seconds after which an uploaded blob that no record names is deleted.' },
});
