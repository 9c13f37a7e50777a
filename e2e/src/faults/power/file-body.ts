/** A change of a file's bytes that the disk may not have yet. */
type Pending = { readonly at: number; readonly bytes: Uint8Array } | { readonly size: number };

/** The unit in which a disk has or has not written something. */
const block = 4096;

/** One file's bytes: those that the disk has for certain, and what the system still holds in memory. */
export class FileBody {
  #durable: Buffer;
  #pending: Pending[] = [];
  /** For each fsync that goes on: how many of the pending changes it covers. */
  readonly #syncs = new Map<string, number>();

  constructor(durable: Buffer = Buffer.alloc(0)) {
    this.#durable = durable;
  }

  /** Bytes were written at an offset. */
  write(at: number, bytes: Uint8Array): void {
    this.#pending.push({ at, bytes });
  }

  /** It was cut off, or filled with zeros, at a size. */
  truncate(size: number): void {
    this.#pending.push({ size });
  }

  /** An fsync began: it covers what was written before. */
  beginSync(id: string): void {
    this.#syncs.set(id, this.#pending.length);
  }

  /** An fsync ended well: what it covers is on the disk. */
  endSync(id: string): void {
    const covered = this.#syncs.get(id);
    if (covered === undefined) return;
    this.#syncs.delete(id);
    this.#durable = applied(this.#durable, this.#pending.splice(0, covered));
    for (const [other, count] of this.#syncs) this.#syncs.set(other, Math.max(0, count - covered));
  }

  /** What the process reads. */
  get current(): Buffer {
    return applied(this.#durable, this.#pending);
  }

  /** What the disk has when the power fails: all that was flushed, and of the rest each block for which `isWritten` says so. */
  afterPowerCut(isWritten: () => boolean): Buffer {
    const survivors = this.#pending.flatMap((change): Pending[] => ('size' in change ? [change] : blocksOf(change)).filter(() => isWritten()));
    return applied(this.#durable, survivors);
  }
}

function blocksOf({ at, bytes }: { at: number; bytes: Uint8Array }): { at: number; bytes: Uint8Array }[] {
  const parts = [];
  for (let from = 0; from < bytes.length; ) {
    const to = Math.min(bytes.length, from + block - ((at + from) % block));
    parts.push({ at: at + from, bytes: bytes.subarray(from, to) });
    from = to;
  }
  return parts;
}

function applied(durable: Buffer, changes: readonly Pending[]): Buffer {
  let size = durable.length;
  let most = size;
  for (const change of changes) {
    size = 'size' in change ? change.size : Math.max(size, change.at + change.bytes.length);
    most = Math.max(most, size);
  }
  if (changes.length === 0) return durable;
  const bytes = Buffer.alloc(most);
  durable.copy(bytes);
  let end = durable.length;
  for (const change of changes) {
    if ('size' in change) {
      if (change.size < end) bytes.fill(0, change.size, end);
      end = change.size;
    } else {
      bytes.set(change.bytes, change.at);
      end = Math.max(end, change.at + change.bytes.length);
    }
  }
  return bytes.subarray(0, size);
}
