import type { Uint8ArrayList } from 'uint8arraylist';
import type { Way } from './link.ts';

/** Largest piece that is delayed or lost as one, in bytes. */
export const segmentBytes = 16_384;
/** Bytes of one connection that may be on their way: like a window of TCP, it bounds the memory, and the rate at window / round trip. */
export const windowBytes = 1_048_576;

/** What a lane needs. */
export interface LaneNeeds {
  readonly way: Way;
  /** Hands over what has arrived; false when the other side has no room, until `resume`. */
  deliver(data: Uint8ArrayList): boolean;
  /** Whether nothing gets through; `resume` says when it may have changed. */
  isCut(): boolean;
  /** There is room again. */
  drained(): void;
}

interface Segment {
  readonly data: Uint8ArrayList;
  readonly at: number;
}

/** One direction of one connection: keeps its segments in order and until they arrive. */
export class Lane {
  readonly #needs: LaneNeeds;
  readonly #segments: Segment[] = [];
  #bytes = 0;
  #blocked = false;
  #full = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(needs: LaneNeeds) {
    this.#needs = needs;
  }

  /** Bytes on their way. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Sends data. False when no more should come until `drained`. */
  send(data: Uint8ArrayList): boolean {
    const now = performance.now();
    for (let from = 0; from < data.byteLength; from += segmentBytes) {
      const piece = data.sublist(from, Math.min(from + segmentBytes, data.byteLength));
      // A late segment holds up those behind it: within a connection nothing overtakes.
      const at = Math.max(this.#segments.at(-1)?.at ?? 0, this.#needs.way.arrivalOf(piece.byteLength, now));
      this.#segments.push({ data: piece, at });
    }
    this.#bytes += data.byteLength;
    this.#full = this.#bytes >= windowBytes;
    this.#wake();
    return !this.#full;
  }

  /** Goes on after a cut or a full receiver. */
  resume(): void {
    this.#blocked = false;
    this.#wake();
  }

  /** Throws away what is on its way. */
  end(): void {
    clearTimeout(this.#timer);
    this.#segments.length = 0;
    this.#bytes = 0;
  }

  #wake(): void {
    const [next] = this.#segments;
    clearTimeout(this.#timer);
    if (next && !this.#blocked) this.#timer = setTimeout(() => this.#deliver(), Math.max(0, next.at - performance.now()));
  }

  #deliver(): void {
    for (;;) {
      const [next] = this.#segments;
      if (!next || this.#needs.isCut() || next.at > performance.now()) break;
      this.#segments.shift();
      this.#bytes -= next.data.byteLength;
      if (!this.#needs.deliver(next.data)) {
        this.#blocked = true;
        break;
      }
    }
    this.#blocked ||= this.#needs.isCut();
    this.#wake();
    if (this.#full && this.#bytes < windowBytes / 2) {
      this.#full = false;
      this.#needs.drained();
    }
  }
}
