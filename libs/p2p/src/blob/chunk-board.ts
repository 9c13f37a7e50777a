/** One stream to one provider. */
export interface Lane {
  readonly peer: string;
  /** The chunk that is being read, since when, whether the provider was asked yet, and how much of it has come. */
  reading?: { readonly index: number; since: number; asked: boolean; received: number };
}

/** When a chunk is asked of a second provider, and how far reading may run ahead of writing. */
export interface BoardOptions {
  readonly hedgeMs: number;
  /** Chunks that may be held in memory because one before them is missing. */
  readonly window: number;
}

/** Who fetches which chunk of a blob: lowest first, and one that takes too long is given to a second provider. */
export class ChunkBoard {
  readonly #options: BoardOptions;
  readonly #open: Set<number>;
  readonly #takers = new Map<number, Set<Lane>>();
  /** Chunks below are written. */
  #written = 0;

  constructor(count: number, options: BoardOptions) {
    this.#options = options;
    this.#open = new Set(Array.from({ length: count }, (_, index) => index));
  }

  /** Whether every chunk is there. */
  get finished(): boolean {
    return this.#open.size === 0;
  }

  /** Whether a chunk is still needed. */
  needs(index: number): boolean {
    return this.#open.has(index);
  }

  /** Gives a lane its next chunk, undefined when it has to wait. `now` is in milliseconds. */
  take(lane: Lane, now: number): number | undefined {
    const index = this.#untaken() ?? this.#late(lane, now);
    if (index === undefined) return undefined;
    const takers = this.#takers.get(index) ?? new Set<Lane>();
    this.#takers.set(index, takers.add(lane));
    lane.reading = { index, since: now, asked: false, received: 0 };
    return index;
  }

  /** A lane no longer reads its chunk, whether it came or not. */
  release(lane: Lane): void {
    if (lane.reading) this.#takers.get(lane.reading.index)?.delete(lane);
    delete lane.reading;
  }

  /** A chunk is there and verified; false when another lane brought it first. */
  complete(index: number): boolean {
    return this.#open.delete(index);
  }

  /** Chunks below `count` are written: reading may go on so much further. */
  wrote(count: number): void {
    this.#written = count;
  }

  /** Milliseconds until a waiting lane may find a chunk that is late at another provider; undefined while nothing is being read there. */
  untilLate(lane: Lane, now: number): number | undefined {
    const since = [...this.#takers.values()].flatMap(([taker, ...others]) => (taker?.reading && others.length === 0 && taker.peer !== lane.peer ? [taker.reading.since] : []));
    return since.length === 0 ? undefined : Math.max(1, Math.min(...since) + this.#options.hedgeMs - now);
  }

  #untaken(): number | undefined {
    for (const index of this.#open) {
      if (index >= this.#written + this.#options.window) return undefined;
      if ((this.#takers.get(index)?.size ?? 0) === 0) return index;
    }
    return undefined;
  }

  #late(lane: Lane, now: number): number | undefined {
    for (const index of this.#open) {
      const [taker, ...others] = this.#takers.get(index) ?? [];
      if (taker?.reading && others.length === 0 && taker.peer !== lane.peer && now - taker.reading.since >= this.#options.hedgeMs) return index;
    }
    return undefined;
  }
}
