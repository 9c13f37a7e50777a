import { aboveLowWater, excess, isAboveHighWater, noRoom, type BlobLedger, type Room, type RoomLimits } from '@souk/domain';
import type { Log } from '@souk/nest';
import type { DiskSpace } from '@souk/store';
import type { Evictor } from './evictor.ts';

/** What keeping room needs. */
export interface RoomKeeperNeeds {
  readonly ledger: Pick<BlobLedger, 'usage'>;
  readonly evictor: Pick<Evictor, 'evict'>;
  readonly limits: RoomLimits;
  readonly log: Log;
  /** Looks how much room the disk has. */
  readonly look: () => Promise<DiskSpace>;
}

/** A look at the disk is believed so long, in milliseconds and in bytes written since, unless somebody would be refused by it. */
const freshMs = 200;
const freshBytes = 1_048_576;

/** Lets blobs be written as long as there is room, and makes room by evicting cached ones. */
export class RoomKeeper {
  readonly #needs: RoomKeeperNeeds;
  #disk: DiskSpace = { free: 0, total: 0 };
  #looked = Number.NEGATIVE_INFINITY;
  #sinceLook = 0;
  #writing = 0;

  constructor(needs: RoomKeeperNeeds) {
    this.#needs = needs;
  }

  /** The room as it was when somebody looked last. */
  get room(): Room {
    const { pinned, cached, unnamed } = this.#needs.ledger.usage();
    return { taken: pinned.bytes + cached.bytes + unnamed.bytes + this.#writing, cached: cached.bytes, disk: this.#disk };
  }

  get limits(): RoomLimits {
    return this.#needs.limits;
  }

  /** Looks at the disk. */
  async look(): Promise<Room> {
    this.#disk = await this.#needs.look();
    this.#looked = performance.now();
    this.#sinceLook = 0;
    return this.room;
  }

  /** Makes room for `bytes` more, without taking it. Throws STORAGE_FULL, and evicts nothing, when all that is cached would not be enough. */
  async require(bytes: number): Promise<void> {
    if (excess(await this.#fresh(), this.limits, bytes) > 0) await this.#make(bytes, this.limits);
  }

  /** Has the disk keep its free share when `bytes` more are written, whatever blobs may take: what records need. Throws STORAGE_FULL. */
  async requireDisk(bytes = 0): Promise<void> {
    const limits = { ...this.limits, maxBytes: undefined };
    if (excess(await this.#fresh(), limits, bytes) > 0) await this.#make(bytes, limits);
  }

  /** Takes room for bytes that are about to be written. Throws STORAGE_FULL. */
  async take(bytes: number): Promise<void> {
    this.#sinceLook += bytes;
    if (excess(await this.#fresh(), this.limits, bytes) > 0) await this.#make(bytes, this.limits);
    this.#writing += bytes;
    this.#freed(-bytes);
  }

  /** Gives room back: what was written is gone, or is counted among the blobs now. */
  give(bytes: number): void {
    this.#writing -= bytes;
  }

  /** A blob was deleted. */
  dropped(bytes: number): void {
    this.#freed(bytes);
  }

  /** Evicts what should go before anybody has to wait for it, down to the low-water mark. */
  async tidy(): Promise<void> {
    if (isAboveHighWater(await this.#fresh(), this.limits)) await this.#needs.evictor.evict(() => aboveLowWater(this.room, this.limits));
  }

  async #make(bytes: number, limits: RoomLimits): Promise<void> {
    if (excess(await this.look(), limits, bytes) > this.room.cached) throw noRoom(this.room, limits, bytes);
    await this.#needs.evictor.evict(() => excess(this.room, limits, bytes));
    if (excess(await this.look(), limits, bytes) > 0) throw noRoom(this.room, limits, bytes);
    this.tidy().catch((error: unknown) => this.#needs.log.warn('Cached blobs were not evicted down to the low-water mark', { error }));
  }

  async #fresh(): Promise<Room> {
    return performance.now() - this.#looked < freshMs && this.#sinceLook < freshBytes ? this.room : this.look();
  }

  #freed(bytes: number): void {
    this.#disk = { ...this.#disk, free: this.#disk.free + bytes };
  }
}
