import { shuffled } from '../node/links.ts';

/** Links that are told when records came by sync; each of them tells others. */
const fanOut = 8;
/** How long news are collected before links are told, in milliseconds. */
const collectMs = 50;
/** How long those rest that have been told and take no part in gossip, in milliseconds: most of them have what is new by another link of theirs, and all ask by themselves now and then. */
const defaultRestMs = 5000;

/** How news get from here to others beside sync. */
export interface Spreading {
  /** Whether what is new here is pushed to a peer. */
  isPushedTo(peer: string): boolean;
  /** Whether a peer takes part in gossip. */
  isGossipedTo(peer: string): boolean;
  /** Whether so many records, brought by a peer, are gossiped from here. */
  isGossiped(source: string, records: number): boolean;
}

/** What telling needs. */
export interface NewsTellerNeeds {
  readonly spreading: Spreading;
  linked(): readonly string[];
  /** Greets a peer, which asks for what is new then. */
  greet(peer: string): void;
}

/** Tells links that records came by sync, as far as they do not hear of them by push or gossip: some of them, which tell others. */
export class NewsTeller {
  readonly #needs: NewsTellerNeeds;
  readonly #gossiping: Telling;
  readonly #others: Telling;

  constructor(needs: NewsTellerNeeds, restMs = defaultRestMs) {
    const { spreading } = needs;
    this.#needs = needs;
    this.#gossiping = new Telling(0, (sources) => this.#tell(sources, (peer) => spreading.isGossipedTo(peer)));
    this.#others = new Telling(restMs, (sources) => this.#tell(sources, (peer) => !spreading.isGossipedTo(peer)));
  }

  /** So many records came from a peer. */
  came(source: string, records: number): void {
    if (!this.#needs.spreading.isGossiped(source, records)) this.#gossiping.note(source);
    this.#others.note(source);
  }

  /** Tells nobody any more. */
  stop(): void {
    this.#gossiping.stop();
    this.#others.stop();
  }

  #tell(sources: ReadonlySet<string>, isMeant: (peer: string) => boolean): void {
    const { linked, greet, spreading } = this.#needs;
    const meant = linked().filter((peer) => isMeant(peer) && !spreading.isPushedTo(peer) && (sources.size > 1 || !sources.has(peer)));
    for (const peer of shuffled(meant).slice(0, fanOut)) greet.call(this.#needs, peer);
  }
}

/** Who brought what has not been told yet, until it is: a moment after it came, and `restMs` after the last time. */
class Telling {
  readonly #restMs: number;
  readonly #tell: (sources: ReadonlySet<string>) => void;
  #sources = new Set<string>();
  #toldAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(restMs: number, tell: (sources: ReadonlySet<string>) => void) {
    this.#restMs = restMs;
    this.#tell = tell;
  }

  note(source: string): void {
    if (this.#isOver) return;
    this.#sources.add(source);
    this.#timer ??= setTimeout(() => this.#go(), Math.max(collectMs, this.#toldAt + this.#restMs - performance.now()));
  }

  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  #go(): void {
    const sources = this.#sources;
    this.#sources = new Set();
    this.#timer = undefined;
    this.#toldAt = performance.now();
    this.#tell(sources);
  }
}
