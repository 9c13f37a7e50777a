import { SoukError } from '@souk/domain';
import type { ConfigOf } from '@souk/nest';
import type { retentionConfig } from './retention-config.ts';
import type { RetentionRules } from './retention.ts';

/** The rules that settings make. Throws BAD_CONFIG when the water marks contradict each other. */
export function retentionRules(config: ConfigOf<typeof retentionConfig>): RetentionRules {
  const { maxStorage, highWater, lowWater, minFree, pin, orphanGrace } = config;
  if (lowWater > highWater) {
    throw new SoukError('BAD_CONFIG', 'SOUK_STORAGE_LOW_WATER is above SOUK_STORAGE_HIGH_WATER.', { hint: 'An eviction begins at the high-water mark and ends at the low one.' });
  }
  return { ...(maxStorage === undefined ? {} : { maxBytes: maxStorage }), highWater, lowWater, minFree, pin: pin ?? [], graceMs: orphanGrace * 1000 };
}
