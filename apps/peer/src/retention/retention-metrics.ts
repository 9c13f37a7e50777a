import type { BlobLedger, Keeping } from '@souk/domain';
import type { Metrics } from '@souk/nest';
import type { RoomKeeper } from './room-keeper.ts';

/** Shows what blobs take and what the disk has left; the answer counts what is deleted. */
export function retentionMetrics(metrics: Metrics, ledger: Pick<BlobLedger, 'usage'>, room: Pick<RoomKeeper, 'room'>): (keeping: Keeping, bytes: number) => void {
  metrics.gauge('souk_blobs_pinned_bytes', {}, () => ledger.usage().pinned.bytes);
  metrics.gauge('souk_blobs_cached_bytes', {}, () => ledger.usage().cached.bytes);
  metrics.gauge('souk_blobs_unnamed_bytes', {}, () => ledger.usage().unnamed.bytes);
  metrics.gauge('souk_disk_free_bytes', {}, () => room.room.disk.free);
  const evicted = metrics.counter('souk_blobs_evicted_total');
  const evictedBytes = metrics.counter('souk_blobs_evicted_bytes_total');
  const swept = metrics.counter('souk_blobs_swept_total');
  return (keeping, bytes) => {
    if (keeping === 'unnamed') swept.add({});
    if (keeping !== 'cached') return;
    evicted.add({});
    evictedBytes.add({}, bytes);
  };
}
