import { dirname } from 'node:path';
import type { Change } from '../interposer/journal.ts';
import { FileBody } from './file-body.ts';

/** What a name stands for. */
export type Node = FileBody | 'folder';

/** A file or folder that lay there at the beginning. */
export interface Found {
  readonly path: string;
  /** Undefined for a folder. */
  readonly file?: { readonly inode: bigint; readonly bytes: Buffer };
}

/** A change of names that the disk may not have yet. */
interface Naming {
  /** Folders of which one has to be flushed. */
  readonly folders: ReadonlySet<string>;
  /** What the names stand for afterwards; undefined for nothing. */
  readonly names: ReadonlyMap<string, Node | undefined>;
}

/** How lucky a power failure is. */
export interface Luck {
  /** Whether one more block of what was not flushed is on the disk all the same. */
  readonly isWritten: () => boolean;
  /** Of so many changes of names that were not flushed, how many of the first ones are on the disk: file systems write those in order. */
  readonly namings: (pending: number) => number;
}

const folderOf = (path: string): string => (path.includes('/') ? dirname(path) : '');

/** A folder on a disk, as POSIX promises it: bytes last from their file's fsync on, names from their folder's. What is not flushed may be there or not. */
export class DiskModel {
  readonly #current = new Map<string, Node>();
  readonly #durable = new Map<string, Node>();
  readonly #files = new Map<bigint, FileBody>();
  #pending: Naming[] = [];
  readonly #syncs = new Map<string, readonly Naming[]>();
  #processes = 0;

  /** Everything that is found at the beginning counts as being on the disk. */
  constructor(found: readonly Found[]) {
    for (const { path, file } of found) {
      const body = file === undefined ? 'folder' : (this.#files.get(file.inode) ?? new FileBody(file.bytes));
      if (file !== undefined && body !== 'folder') this.#files.set(file.inode, body);
      this.#current.set(path, body);
      this.#durable.set(path, body);
    }
  }

  /** Takes over what one process did, from its start to its end: a flush that did not end with it never will. */
  take(changes: readonly Change[]): void {
    this.#processes += 1;
    for (const change of changes) this.#take(change);
  }

  /** What a process sees: bytes by path; null for folders. */
  current(): Map<string, Buffer | null> {
    return new Map([...this.#current].map(([path, node]) => [path, node === 'folder' ? null : node.current]));
  }

  /** What is there when the power comes back. */
  afterPowerCut({ isWritten, namings }: Luck): Map<string, Buffer | null> {
    const survivors = this.#pending.slice(0, namings(this.#pending.length));
    const names = new Map(this.#durable);
    for (const naming of survivors) apply(names, naming);
    const isReachable = (path: string): boolean => path === '' || (names.get(path) === 'folder' && isReachable(folderOf(path)));
    const bodies = new Map<FileBody, Buffer>();
    const bytesOf = (body: FileBody): Buffer => bodies.get(body) ?? bodies.set(body, body.afterPowerCut(isWritten)).get(body) ?? Buffer.alloc(0);
    return new Map([...names].filter(([path]) => isReachable(folderOf(path))).map(([path, node]) => [path, node === 'folder' ? null : bytesOf(node)]));
  }

  #take(change: Change): void {
    switch (change.kind) {
      case 'create': {
        const body = new FileBody();
        this.#files.set(change.inode, body);
        return this.#name([[change.path, body]]);
      }
      case 'write':
        return this.#file(change.inode).write(change.at, change.bytes);
      case 'truncate':
        return this.#file(change.inode).truncate(change.size);
      case 'sync begin':
        return this.#file(change.inode).beginSync(this.#idOf(change));
      case 'sync end':
        return this.#file(change.inode).endSync(this.#idOf(change));
      case 'folder begin':
        return void this.#syncs.set(this.#idOf(change), this.#pending.filter(({ folders }) => folders.has(change.path)));
      case 'folder end':
        return this.#flush(this.#syncs.get(this.#idOf(change)) ?? []);
      case 'rename':
        return this.#name([[change.from, undefined], [change.to, this.#current.get(change.from)]]);
      case 'link':
        return this.#name([[change.to, this.#current.get(change.from)]]);
      case 'unlink':
        return this.#name([[change.path, undefined]]);
      case 'mkdir':
        return this.#name([[change.path, 'folder']]);
    }
  }

  #idOf({ id }: { readonly id: string }): string {
    return `${this.#processes} ${id}`;
  }

  #file(inode: bigint): FileBody {
    const body = this.#files.get(inode);
    if (!body) throw new Error(`The journal tells of a file (inode ${inode}) that nobody has made.`);
    return body;
  }

  #name(changed: readonly (readonly [path: string, node: Node | undefined])[]): void {
    const naming = { folders: new Set(changed.map(([path]) => folderOf(path))), names: new Map(changed) };
    this.#pending.push(naming);
    apply(this.#current, naming);
  }

  #flush(flushed: readonly Naming[]): void {
    for (const naming of this.#pending.filter((one) => flushed.includes(one))) {
      apply(this.#durable, naming);
      // What an earlier change said of these names is past.
      const before = this.#pending.slice(0, this.#pending.indexOf(naming));
      const past = before.filter(({ names }) => [...names.keys()].every((path) => naming.names.has(path)));
      this.#pending = this.#pending.filter((one) => one !== naming && !past.includes(one));
    }
  }
}

function apply(names: Map<string, Node>, naming: Naming): void {
  for (const [path, node] of naming.names) {
    if (node === undefined) names.delete(path);
    else names.set(path, node);
  }
}
