import { MemoryBlobLedger, MemoryBlobStore, type BlobLedger, type BlobStore, type Cid, type Keeping, type RoomLimits } from '@souk/domain';
import { silentLog } from '@souk/nest';
import type { DiskSpace } from '@souk/store';
import { Evictor } from '../retention/evictor.ts';
import { RetainedBlobs } from '../retention/retained-blobs.ts';
import { RoomKeeper } from '../retention/room-keeper.ts';

/** What a scene begins with instead of its defaults. */
export interface SceneOptions extends Partial<RoomLimits> {
  readonly blobs?: BlobStore;
  readonly ledger?: BlobLedger;
  /** The disk as it seems. */
  readonly disk?: DiskSpace;
}

/** The parts of retention over stores in memory, with everything that happens noted in order. */
export class RetentionScene {
  readonly raw: BlobStore;
  readonly ledger: BlobLedger;
  readonly evictor: Evictor;
  readonly room: RoomKeeper;
  readonly blobs: RetainedBlobs;
  /** As in `withdraw CID` and `delete CID`. */
  readonly happened: string[] = [];
  /** Failures that were told. */
  readonly told: unknown[] = [];
  readonly dropped: Keeping[] = [];
  disk: DiskSpace;
  /** Time, which the test moves. */
  now = 1000;

  constructor(options: SceneOptions = {}) {
    const { blobs = new MemoryBlobStore(), ledger = new MemoryBlobLedger(), disk = { free: 1e9, total: 1e9 }, ...limits } = options;
    this.raw = blobs;
    this.ledger = ledger;
    this.disk = disk;
    const onUneven = (error: unknown): void => void this.told.push(error);
    const deleting = { delete: (cid: Cid) => this.#note('delete', cid, () => this.raw.delete(cid)) };
    const onDropped = (keeping: Keeping, bytes: number): void => {
      this.dropped.push(keeping);
      this.disk = { ...this.disk, free: this.disk.free + bytes };
      this.room.dropped(bytes);
    };
    this.evictor = new Evictor({ blobs: deleting, ledger, log: silentLog, catchUp: async () => undefined, onUneven, onDropped });
    this.evictor.withdrawBy(async ([cid]) => this.#note('withdraw', cid as Cid, async () => undefined));
    this.room = new RoomKeeper({ ledger, evictor: this.evictor, limits: { highWater: 1, lowWater: 1, minFree: 0.05, ...limits }, log: silentLog, look: async () => this.disk });
    this.blobs = new RetainedBlobs({ blobs, ledger, evictor: this.evictor, room: this.room, now: () => this.now, onUneven, onUntidy: onUneven });
  }

  /** Keeps bytes, named before as `as` says; `undefined`: no record names them. Each is put a little later than the one before. */
  async put(cid: Cid, bytes: Uint8Array, as?: 'published' | 'policy' | 'known'): Promise<Cid> {
    this.now += 1;
    if (as) await this.ledger.name([{ cid, as }]);
    const draft = await this.blobs.draft({ maxBytes: 10_000_000 });
    for (let at = 0; at < bytes.length; at += 1000) {
      await draft.write(bytes.subarray(at, at + 1000));
      this.disk = { ...this.disk, free: this.disk.free - Math.min(1000, bytes.length - at) };
    }
    await draft.commit(cid);
    await this.evictor.settled();
    return cid;
  }

  /** The cids that are here, in order. */
  async here(): Promise<Cid[]> {
    const cids: Cid[] = [];
    for await (const cid of this.blobs.list()) cids.push(cid);
    return cids.sort();
  }

  async #note(what: string, cid: Cid, work: () => Promise<void>): Promise<void> {
    this.happened.push(`${what} ${cid}`);
    await work();
  }
}
