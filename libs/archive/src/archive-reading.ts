import { ArchivePolicy, stopsReading, type ArchiveLimits, type FileMode, type Violation } from '@souk/domain';
import { violationsOf } from './bad-archive.ts';
import { GzipMember } from './gzip-member.ts';
import { PackedDigest, type PackedSummary } from './packed-digest.ts';
import { slicesOf } from './slices.ts';
import { TarWalker, type TarEvent } from './tar-walker.ts';

/** How an archive is read. */
export interface ReadOptions {
  /** Most bytes of the archive file; beyond it TOO_LARGE. */
  readonly maxBytes: number;
  /** Limits of the policy; the defaults when left out. */
  readonly limits?: ArchiveLimits;
  readonly signal?: AbortSignal;
}

/**
 * What passed the policy, in order. A file is followed by its data and one end. Refused entries are left out, and so are folders:
 * they are checked, but a package is its files, and an empty folder is no part of its tree.
 */
export type ArchiveEvent =
  | { readonly kind: 'file'; readonly path: string; readonly mode: FileMode; readonly size: number }
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' };

/** Most violations of one report; an archive with more is not read on. */
export const maxViolations = 100;

/** One pass over an archive of unknown worth: hashes its bytes, walks its entries and puts each before the policy ahead of everything else. */
export class ArchiveReading {
  readonly #slices: AsyncIterable<Uint8Array>;
  readonly #digest: PackedDigest;
  readonly #gzip = new GzipMember();
  readonly #tar = new TarWalker();
  readonly #policy: ArchivePolicy;
  readonly #violations: Violation[] = [];
  readonly #patient: boolean;
  #unpacked = 0;
  #stopped = false;
  #skipping = false;

  /** `patience`: whether to go on at a violation and look for more, or to read nothing behind it. */
  constructor(source: AsyncIterable<Uint8Array>, options: ReadOptions, patience: 'report-all' | 'stop-at-first') {
    this.#patient = patience === 'report-all';
    this.#slices = slicesOf(source, options.signal, 'Reading the archive');
    this.#digest = new PackedDigest(options.maxBytes);
    this.#policy = new ArchivePolicy(options.limits);
  }

  /** What was refused so far. */
  get violations(): readonly Violation[] {
    return this.#violations;
  }

  /** The root folder's name, once known. */
  get root(): string | undefined {
    return this.#policy.root;
  }

  /** Hashes and size of the archive's bytes; only after all events. */
  summary(): PackedSummary {
    return this.#digest.finish();
  }

  /**
   * The events, in batches of what one decompressed piece of at most 64 KiB holds. When told to stop at the first violation, they end before
   * the batch that has it. Else, once the archive cannot be read on, decompression stops and the remaining bytes are only hashed, so that the
   * report still names the archive. Throws TOO_LARGE, CANCELLED, TIMEOUT and what the source throws.
   */
  async *batches(): AsyncGenerator<readonly ArchiveEvent[]> {
    try {
      for await (const slice of this.#slices) {
        this.#digest.update(slice);
        if (!this.#stopped) yield* this.#read(slice);
        if (this.#refused()) return;
      }
      if (!this.#stopped) this.#finish();
    } finally {
      this.#gzip.close();
    }
  }

  async *#read(slice: Uint8Array): AsyncGenerator<readonly ArchiveEvent[]> {
    const pieces = this.#gzip.push(slice);
    for (;;) {
      const piece = await this.#guard(() => pieces.next());
      if (!piece || piece.done) return;
      this.#unpacked += piece.value.length;
      this.#note(this.#policy.progress(this.#unpacked, this.#digest.size));
      if (this.#stopped) return;
      const events = this.#judge(piece.value);
      if (this.#refused()) return;
      yield events;
      if (this.#stopped) return;
    }
  }

  async #guard<T>(step: () => Promise<T>): Promise<T | undefined> {
    try {
      return await step();
    } catch (error) {
      this.#break(error);
      return undefined;
    }
  }

  #refused(): boolean {
    return !this.#patient && this.#violations.length > 0;
  }

  #judge(piece: Uint8Array): ArchiveEvent[] {
    const events: ArchiveEvent[] = [];
    try {
      for (const event of this.#tar.push(piece)) {
        const passed = event.kind === 'entry' ? this.#judgeEntry(event) : event;
        if (this.#stopped) break;
        if (passed && !this.#skipping) events.push(passed);
        if (event.kind === 'end') this.#skipping = false;
      }
    } catch (error) {
      this.#break(error);
    }
    return events;
  }

  #judgeEntry({ header }: Extract<TarEvent, { kind: 'entry' }>): ArchiveEvent | undefined {
    const verdict = this.#policy.entry(header);
    this.#note(...verdict.violations);
    this.#skipping = verdict.violations.length > 0 || header.type !== 'file';
    return this.#skipping ? undefined : { kind: 'file', path: verdict.path, mode: verdict.mode, size: header.size };
  }

  #finish(): void {
    try {
      this.#gzip.finish();
      this.#tar.finish();
      this.#note(...this.#policy.finish());
    } catch (error) {
      this.#break(error);
    }
  }

  #note(...found: readonly (Violation | undefined)[]): void {
    for (const one of found) {
      if (!one || this.#violations.length >= maxViolations) continue;
      this.#violations.push(one);
      if (stopsReading(one.rule) || this.#violations.length === maxViolations) this.#stopped = true;
    }
  }

  #break(error: unknown): void {
    const found = violationsOf(error);
    if (!found) throw error;
    this.#note(...found);
    this.#stopped = true;
  }
}
