import { maxPushed, type PushFrame } from '@souk/contracts';
import { decodeCbor, encodeCbor, type KeyId, type VerifiedRecord } from '@souk/domain';
import { frameCost, maxRecordBytes, toFrame } from '../sync/frame-record.ts';

/** Records that are pushed of one arrival; of more, only that there are some is told. */
const maxAtOnce = maxPushed;
/** How often it is told at most, in milliseconds: whoever is told asks for all of it. */
const behindMs = 1000;

/** A frame for everybody who follows, but for the one that brought what is in it. */
interface Item {
  /** Undefined: there is news that is not pushed. */
  readonly payload: Uint8Array | undefined;
  readonly source: string | undefined;
  /** The log of each record. */
  readonly logs: readonly KeyId[];
}

/** What a reader gets next: a frame and where to go on, or that it has missed something. */
export interface NewsStep {
  /** Undefined: it is behind. */
  readonly payload: Uint8Array | undefined;
  readonly next: number;
}

/** What is new at a super-peer, encoded once and read by each follower at its own pace. Bounded in bytes: whoever reads too slowly finds the oldest gone. */
export class News {
  readonly #maxBytes: number;
  readonly #items: Item[] = [];
  readonly #waiting = new Set<() => void>();
  /** The place of the oldest item. */
  #first = 0;
  #bytes = 0;
  #toldBehind = -Infinity;
  #behindTimer: NodeJS.Timeout | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The place behind the newest. */
  get end(): number {
    return this.#first + this.#items.length;
  }

  /** Bytes that are kept for those who have not read them yet. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds records that are on disk here. `source`: the peer that brought them, which needs not hear of them; `trace`: the traceparent of their arrival. */
  add(records: readonly VerifiedRecord[], source: string | undefined, trace: string | undefined): void {
    if (records.length > maxAtOnce) return this.#addBehind();
    for (let at = 0; at < records.length; ) {
      let bytes = 0;
      let to = at;
      do {
        bytes += frameCost(records[to] as VerifiedRecord);
        to += 1;
      } while (to < records.length && bytes + frameCost(records[to] as VerifiedRecord) <= maxRecordBytes);
      const frame: PushFrame = { t: 'records', records: records.slice(at, to).map(toFrame), ...(trace === undefined ? {} : { trace }) };
      this.#push({ payload: encodeCbor(frame), source, logs: records.slice(at, to).map((one) => one.key) });
      at = to;
    }
  }

  /** What stands at a place for that reader, of the logs that it follows, all unless given; undefined when it has read everything. */
  at(place: number, reader: string, logs?: ReadonlySet<KeyId>): NewsStep | undefined {
    if (place < this.#first) return { payload: undefined, next: this.end };
    for (let next = place; next < this.end; next += 1) {
      const item = this.#items[next - this.#first] as Item;
      if (item.source === reader) continue;
      if (!logs || !item.payload || item.logs.every((key) => logs.has(key))) return { payload: item.payload, next: next + 1 };
      if (item.logs.some((key) => logs.has(key))) return { payload: partOf(item.payload, item.logs, logs), next: next + 1 };
    }
    return undefined;
  }

  /** Resolves when there is something new, after `ms` milliseconds, or when the signal aborts. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    const timer = setTimeout(wake, ms);
    signal.addEventListener('abort', wake, { once: true });
    this.#waiting.add(wake);
    await promise;
    clearTimeout(timer);
    signal.removeEventListener('abort', wake);
    this.#waiting.delete(wake);
  }

  /** Forgets everything. */
  stop(): void {
    clearTimeout(this.#behindTimer);
    this.#items.length = 0;
    this.#bytes = 0;
  }

  #addBehind(): void {
    if (this.#behindTimer !== undefined) return;
    const wait = this.#toldBehind + behindMs - performance.now();
    const tell = (): void => {
      this.#behindTimer = undefined;
      this.#toldBehind = performance.now();
      this.#push({ payload: undefined, source: undefined, logs: [] });
    };
    if (wait <= 0) tell();
    else this.#behindTimer = setTimeout(tell, wait);
  }

  #push(item: Item): void {
    this.#items.push(item);
    this.#bytes += item.payload?.length ?? 0;
    while (this.#bytes > this.#maxBytes || this.#items.length > this.#maxBytes / 64) {
      this.#bytes -= this.#items.shift()?.payload?.length ?? 0;
      this.#first += 1;
    }
    for (const wake of this.#waiting) wake();
  }
}

/** The frame with the records of some logs only. */
function partOf(payload: Uint8Array, keys: readonly KeyId[], logs: ReadonlySet<KeyId>): Uint8Array {
  const frame = decodeCbor(payload) as Extract<PushFrame, { t: 'records' }>;
  return encodeCbor({ ...frame, records: frame.records.filter((_, index) => logs.has(keys[index] as KeyId)) });
}
