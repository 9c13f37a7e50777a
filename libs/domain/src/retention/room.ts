import { SoukError } from '../errors/souk-error.ts';

/** How much room blobs may take. The water marks are shares of what pinned blobs leave of `maxBytes` to cached ones. */
export interface RoomLimits {
  /** Most bytes of all blobs together; absent: as many as the disk takes. */
  readonly maxBytes?: number;
  /** Above it cached blobs are evicted. */
  readonly highWater: number;
  /** At it an eviction ends. */
  readonly lowWater: number;
  /** Share of the disk that stays free; nothing is written below it. */
  readonly minFree: number;
}

/** The room that there is, in bytes. */
export interface Room {
  /** Taken by blobs, those included that are being written. */
  readonly taken: number;
  /** Of what is taken, what could be evicted. */
  readonly cached: number;
  /** Free on the disk, and all of it. */
  readonly disk: { readonly free: number; readonly total: number };
}

/** An eviction for the disk's sake goes on until there is this much more free than must be. */
const slack = 1.2;

/** Bytes that have to go before `incoming` more may be written; 0 when they may be written now. */
export function excess({ taken, disk }: Room, { maxBytes, minFree }: RoomLimits, incoming: number): number {
  const overLimit = maxBytes === undefined ? 0 : taken + incoming - maxBytes;
  return Math.max(overLimit, Math.ceil(minFree * disk.total) - (disk.free - incoming), 0);
}

function cachedOver({ taken, cached }: Room, maxBytes: number | undefined, share: number): number {
  return maxBytes === undefined ? 0 : Math.max(0, cached - share * Math.max(0, maxBytes - (taken - cached)));
}

/** What is lacking of a share of the disk, as far as evicting can help: a cache that is too small to make a difference stays. */
function diskUnder({ cached, disk }: Room, share: number): number {
  const lacking = Math.max(0, share * disk.total - disk.free);
  return lacking > cached ? 0 : lacking;
}

/** Whether cached blobs should go before anybody has to wait for it. */
export function isAboveHighWater(room: Room, limits: RoomLimits): boolean {
  return cachedOver(room, limits.maxBytes, limits.highWater) > 0 || diskUnder(room, limits.minFree) > 0;
}

/** Bytes that an eviction, once it has begun, still has to free. */
export function aboveLowWater(room: Room, limits: RoomLimits): number {
  return Math.ceil(Math.max(cachedOver(room, limits.maxBytes, limits.lowWater), diskUnder(room, limits.minFree * slack)));
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1).replace(/\.0$/, '')} %`;
}

/** STORAGE_FULL: `incoming` bytes don't fit; details `{ why: "disk", free, total, minFree }` or `{ why: "limit", taken, cached, limit }`. */
export function noRoom(room: Room, limits: RoomLimits, incoming: number): SoukError {
  const { free, total } = room.disk;
  if (free - incoming < limits.minFree * total) {
    return new SoukError('STORAGE_FULL', `Only ${percent(free / total)} of the disk is free; nothing is written below ${percent(limits.minFree)}. Reading goes on.`, {
      hint: 'Free some space on the disk of the data folder, or lower SOUK_STORAGE_MIN_FREE, then try again; nothing was lost.',
      details: { why: 'disk', free, total, minFree: limits.minFree },
    });
  }
  const { taken, cached } = room;
  return new SoukError('STORAGE_FULL', `The blobs take ${taken} of the ${limits.maxBytes} bytes that they may take, and ${taken - cached} of them have to stay: ${incoming} more don't fit.`, {
    hint: 'Raise SOUK_STORAGE_MAX_BYTES, or take packages out of SOUK_STORAGE_PIN; nothing was lost.',
    details: { why: 'limit', taken, cached, limit: limits.maxBytes },
  });
}
