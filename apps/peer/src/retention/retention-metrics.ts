import type { BlobLedger, Keeping } from '@souk/domain';
import type { Metrics } from '@souk/nest';
import type { RoomKeeper } from './room-keeper.ts';

/** Shows what blobs take and what the disk has left; the answer counts what is deleted. */
export function retentionMetrics(metrics: Metrics, ledger: Pick<BlobLedger, 'usage'>, room: Pick<RoomKeeper, 'room'>): (keeping: Keeping, bytes: number) => void {
  metrics.gauge('souk_blobs_pinned_bytes', 'Bytes of blobs that are kept for good.', () => ledger.usage().pinned.bytes);
  metrics.gauge('souk_blobs_cached_bytes', 'Bytes of blobs that are kept until their room is needed.', () => ledger.usage().cached.bytes);
  metrics.gauge('souk_blobs_unnamed_bytes', 'Bytes of uploaded blobs that no record names so far.', () => ledger.usage().unnamed.bytes);
  metrics.gauge('souk_disk_free_bytes', 'Bytes that are free on the disk of the data folder.', () => room.room.disk.free);
  const evicted = metrics.counter('souk_blobs_evicted_total', 'Cached blobs that were deleted because their room was needed.');
  const evictedBytes = metrics.counter('souk_blobs_evicted_bytes_total', 'Bytes of cached blobs that were deleted because their room was needed.');
  const swept = metrics.counter('souk_blobs_swept_total', 'Uploaded blobs that were deleted because no record named them.');
  return (keeping, bytes) => {
    if (keeping === 'unnamed') swept.add({});
    if (keeping !== 'cached') return;
    evicted.add({});
    evictedBytes.add({}, bytes);
  };
}
