import { defaultArchiveLimits, type ArchiveLimits } from './archive-limits.ts';
import { violation, type ArchiveRule, type Violation } from './archive-rules.ts';
import { reduceMode, type FileMode } from './file-entry.ts';
import { NameIndex } from './name-index.ts';
import { pathViolations } from './path-rules.ts';

/** One entry's header, as read from the archive and not yet trusted. */
export interface EntryHeader {
  /** Name as found, root included. */
  readonly path: string;
  /** False when the name's bytes are not UTF-8 and `path` only approximates them. */
  readonly pathIsUtf8: boolean;
  /** `link` is any link; `special` is everything that is no file, folder or link. */
  readonly type: 'file' | 'folder' | 'link' | 'special';
  /** Permission bits as found. */
  readonly mode: number;
  /** Bytes of the body. */
  readonly size: number;
}

/** What the policy says about one entry. */
export interface EntryVerdict {
  /** Empty when the entry is allowed. */
  readonly violations: readonly Violation[];
  /** Name below the root; empty for the root folder itself and for a refused entry. */
  readonly path: string;
  /** Permission bits that the entry is kept with. */
  readonly mode: FileMode;
}

/** The manifest's name below the root folder. */
export const manifestPath = 'package.json';

/** Rules after which an archive cannot be read on: the rest of the stream has no certain meaning, or reading it would be the harm. */
const endsReading: ReadonlySet<ArchiveRule> = new Set<ArchiveRule>([
  'not-gzip', 'bad-gzip', 'truncated', 'trailing-data', 'no-end-marker', 'bad-header', 'ambiguous-header', 'too-many-entries', 'too-large', 'ratio',
]);

/** Whether reading stops at a violation of this rule; after any other the remaining entries are still checked, so that a report names them all. */
export function stopsReading(rule: ArchiveRule): boolean {
  return endsReading.has(rule);
}

/**
 * The archive policy: judges the entries of one archive in their order. Feed it each header before anything of that entry is used,
 * the byte counts as they grow, and `finish` at the end. It never throws and reads nothing but its arguments.
 */
export class ArchivePolicy {
  readonly limits: ArchiveLimits;
  readonly #names = new NameIndex();
  #entries = 0;
  #bytes = 0;
  #root: string | undefined;
  #manifest = false;

  constructor(limits: ArchiveLimits = defaultArchiveLimits) {
    this.limits = limits;
  }

  /** The root folder's name, once an entry has shown it. */
  get root(): string | undefined {
    return this.#root;
  }

  /** Judges one entry. */
  entry(header: EntryHeader): EntryVerdict {
    const mode = reduceMode(header.mode);
    const refused = (violations: readonly Violation[]): EntryVerdict => ({ violations, path: '', mode });
    const counted = this.#count(header);
    if (counted) return refused([counted]);
    const folder = header.type === 'folder';
    const name = folder && header.path.endsWith('/') ? header.path.slice(0, -1) : header.path;
    const wrong = [...kindViolations(header), ...pathViolations(name, this.limits)];
    if (wrong.length > 0) return refused(wrong);
    const slash = name.indexOf('/');
    const placed = this.#placeRoot(slash === -1 ? name : name.slice(0, slash), slash === -1 && !folder, header.path);
    if (placed) return refused([placed]);
    if (slash === -1) return { violations: [], path: '', mode };
    const path = name.slice(slash + 1);
    const collision = this.#names.add(path, folder, header.path) ?? this.#manifestViolation(path, folder, header);
    return collision ? refused([collision]) : { violations: [], path, mode };
  }

  /** Judges how much the archive has grown: bytes of the tar stream so far, out of how many compressed bytes. */
  progress(unpackedBytes: number, packedBytes: number): Violation | undefined {
    if (unpackedBytes > this.limits.maxUnpackedBytes) return this.#tooLarge('');
    if (unpackedBytes > this.limits.ratioFreeBytes && unpackedBytes > packedBytes * this.limits.maxRatio) {
      return violation('ratio', '', `${packedBytes} compressed bytes expand more than ${this.limits.maxRatio} times.`);
    }
    return undefined;
  }

  /** Judges what can only be known when all entries have been read. */
  finish(): readonly Violation[] {
    return this.#manifest ? [] : [violation('no-manifest', '', `There is no ${manifestPath} in the root folder.`)];
  }

  #count(header: EntryHeader): Violation | undefined {
    this.#entries += 1;
    this.#bytes += 512 + header.size;
    if (Math.max(this.#entries, this.#names.size) > this.limits.maxEntries) return violation('too-many-entries', header.path, `The archive has more than ${this.limits.maxEntries} entries.`);
    return this.#bytes > this.limits.maxUnpackedBytes ? this.#tooLarge(header.path) : undefined;
  }

  #tooLarge(entry: string): Violation {
    return violation('too-large', entry, `The archive unpacks to more than ${this.limits.maxUnpackedBytes} bytes.`);
  }

  #placeRoot(root: string, isFile: boolean, entry: string): Violation | undefined {
    if (isFile) return violation('no-root', entry, 'The file lies in no folder.');
    this.#root ??= root;
    return root === this.#root ? undefined : violation('several-roots', entry, `"${root}" is a second root folder beside "${this.#root}".`);
  }

  #manifestViolation(path: string, folder: boolean, header: EntryHeader): Violation | undefined {
    if (path !== manifestPath || folder) return undefined;
    this.#manifest = true;
    if (header.size <= this.limits.maxManifestBytes) return undefined;
    return violation('manifest-too-large', header.path, `The manifest has ${header.size} bytes; ${this.limits.maxManifestBytes} are allowed.`);
  }
}

function kindViolations(header: EntryHeader): Violation[] {
  const found: Violation[] = [];
  if (header.type === 'link') found.push(violation('link', header.path, 'Links are not allowed.'));
  if (header.type === 'special') found.push(violation('special-file', header.path, 'Only files and folders are allowed.'));
  if (!header.pathIsUtf8) found.push(violation('bad-encoding', header.path, 'The name is not UTF-8.'));
  return found;
}
