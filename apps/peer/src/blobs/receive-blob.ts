import type { Readable } from 'node:stream';
import { inspectArchive, requireSound } from '@souk/archive';
import { blobTooLarge, cidMismatch, isSoukError, SoukError, type BlobDraft, type BlobStore, type Cid } from '@souk/domain';
import type { RoomKeeper } from '../retention/room-keeper.ts';
import type { ArchiveReports } from './archive-reports.ts';

/** Where a received blob goes, and what it may have. */
export interface BlobReceiver {
  readonly blobs: Pick<BlobStore, 'draft'>;
  readonly room: Pick<RoomKeeper, 'require'>;
  readonly reports: Pick<ArchiveReports, 'remember'>;
  readonly maxBytes: number;
}

/** What arrives, written to the draft on its way. The stream outlives a failure, so that the answer can still be sent on its connection. */
async function* written(bytes: Readable, draft: BlobDraft): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of bytes.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      await draft.write(chunk);
      yield chunk;
    }
  } catch (cause) {
    if (isSoukError(cause)) throw cause;
    throw new SoukError('CANCELLED', 'The upload was cut off.', { hint: 'Send it again; nothing of it was kept.', cause });
  }
}

/**
 * Receives a blob and keeps it when it is whole, has the cid it is sent under and keeps the archive policy; otherwise nothing of it stays.
 * One pass: it is inspected while it is written. `announced` is the size that the sender says, if it does. Resolves when it is on disk.
 * Throws TOO_LARGE with details `{ limit }`, CID_MISMATCH, BAD_ARCHIVE with details `{ violations }`, CANCELLED, STORAGE_FULL.
 */
export async function receiveBlob(cid: Cid, bytes: Readable, receiver: BlobReceiver, announced = 0): Promise<{ size: number }> {
  const { blobs, room, reports, maxBytes } = receiver;
  if (announced > maxBytes) throw blobTooLarge(maxBytes);
  await room.require(announced);
  const draft = await blobs.draft({ maxBytes });
  try {
    const report = await inspectArchive(written(bytes, draft), { maxBytes });
    if (report.cid !== cid) throw cidMismatch(cid, report.cid);
    requireSound(report);
    await draft.commit(cid);
    reports.remember(report);
    return { size: report.size };
  } finally {
    await draft.abort();
  }
}
