import { createHash, hash, type Hash } from 'node:crypto';
import { manifestPath, sortFiles, treeHash, type FileEntry, type Violation } from '@souk/domain';
import type { ArchiveEvent, ArchiveReading } from './archive-reading.ts';
import type { PackedSummary } from './packed-digest.ts';
import { maxReadmeBytes, readmeOf, readmeRank, type Readme } from './readme-capture.ts';

/** Everything that one pass over an archive tells. With violations, files and tree are of what passed and only good for showing. */
export interface ArchiveReport extends PackedSummary {
  /** Sum of the files' sizes in bytes. */
  readonly unpackedSize: number;
  /** In order of the path's bytes. */
  readonly files: readonly FileEntry[];
  /** `treeHash` of the files. */
  readonly tree: string;
  /** Name of the root folder, which is stripped from all paths. */
  readonly root?: string;
  /** The manifest's bytes, as they are. */
  readonly packageJson?: Uint8Array;
  /** README.md by preference, else another readme of the root folder. */
  readonly readme?: Readme;
  /** What breaks the policy; empty when the archive is sound. */
  readonly violations: readonly Violation[];
}

interface OpenFile {
  readonly path: string;
  readonly mode: FileEntry['mode'];
  readonly size: number;
  /** Of what came in several pieces. */
  hash?: Hash;
  /** Of what came in one, in hex. */
  sha256?: string;
  /** Content that is kept, and how many bytes of it still are. */
  readonly kept: Uint8Array[];
  keep: number;
}

/** Makes the report of an archive out of its events. */
export class Inspection {
  readonly #files: FileEntry[] = [];
  #file: OpenFile | undefined;
  #size = 0;
  #packageJson: Uint8Array | undefined;
  #readme: Readme | undefined;
  #readmeRank = Number.POSITIVE_INFINITY;

  /** Takes the next event; at the end of a file answers its entry. */
  take(event: ArchiveEvent): FileEntry | undefined {
    if (event.kind === 'file') this.#open(event);
    else if (event.kind === 'data') this.#write(event.bytes);
    else return this.#close();
    return undefined;
  }

  /** The report, once the reading has no more events. */
  report(reading: Pick<ArchiveReading, 'summary' | 'root' | 'violations'>): ArchiveReport {
    const files = sortFiles(this.#files);
    return {
      ...reading.summary(),
      unpackedSize: this.#size,
      files,
      tree: treeHash(files),
      ...(reading.root === undefined ? {} : { root: reading.root }),
      ...(this.#packageJson ? { packageJson: this.#packageJson } : {}),
      ...(this.#readme ? { readme: this.#readme } : {}),
      violations: reading.violations,
    };
  }

  #open({ path, mode, size }: Extract<ArchiveEvent, { kind: 'file' }>): void {
    const rank = readmeRank(path);
    const isReadme = rank !== undefined && rank < this.#readmeRank;
    if (isReadme) this.#readmeRank = rank;
    this.#file = { path, mode, size, kept: [], keep: isReadme ? maxReadmeBytes : path === manifestPath ? size : 0 };
  }

  #write(bytes: Uint8Array): void {
    const file = this.#file;
    if (!file) return;
    if (bytes.length === file.size) file.sha256 = hash('sha256', bytes, 'hex');
    else (file.hash ??= createHash('sha256')).update(bytes);
    if (file.keep === 0) return;
    const part = bytes.slice(0, file.keep);
    file.kept.push(part);
    file.keep -= part.length;
  }

  #close(): FileEntry | undefined {
    const file = this.#file;
    if (!file) return undefined;
    this.#file = undefined;
    const { path, mode, size } = file;
    const entry: FileEntry = { path, mode, size, sha256: file.sha256 ?? (file.hash ?? createHash('sha256')).digest('hex') };
    this.#files.push(entry);
    this.#size += size;
    if (path === manifestPath) this.#packageJson = new Uint8Array(Buffer.concat(file.kept));
    else if (readmeRank(path) === this.#readmeRank) this.#readme = readmeOf(path, Buffer.concat(file.kept), size);
    return entry;
  }
}
