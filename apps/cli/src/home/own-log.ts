import { open, truncate, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fromWire, sameBytes, SoukError, toWire, verify, WireRecord, type Head, type KeyId, type VerifiedRecord } from '@souk/domain';
import { makeFolder, syncFolder } from '@souk/store';
import { ifPresent, onDisk } from './on-disk.ts';

/**
 * One of the user's own logs: a file of signed records, one JSON line each. Only whoever holds the lock of the home may write.
 * Records are read and verified when they are asked for, because a log may have as many as somebody imported.
 */
export interface OwnLog {
  readonly key: KeyId;
  /** How many records it has; the seq of the next one. */
  readonly length: number;
  readonly head: Head | undefined;
  /** The clock of its newest record, which is the highest: each record's exceeds those before. 0 for an empty log. */
  readonly clock: number;
  /** Records from a seq on, at most `limit`. Throws STORAGE_CORRUPT. */
  read(from: number, limit: number): Promise<VerifiedRecord[]>;
  /** Appends records that continue the head; on disk when it returns. Throws FORKED_LOG for records that don't continue it. */
  append(records: readonly VerifiedRecord[]): Promise<void>;
  /** Takes back the newest records, from a seq on, which no site accepted. */
  withdraw(from: number): Promise<void>;
}

/** Whether a record is the next one after a head. */
export function continues(head: Pick<Head, 'seq' | 'hash'> | undefined, record: VerifiedRecord): boolean {
  const { seq, prev } = record.fields;
  if (head === undefined) return seq === 0 && prev === null;
  return seq === head.seq + 1 && prev !== null && sameBytes(prev, head.hash);
}

/** The head that a record makes. */
export function headOf(record: VerifiedRecord | undefined): Head | undefined {
  return record && { key: record.key, seq: record.fields.seq, hash: record.hash };
}

/** Opens a log, empty when there is no file. An unfinished last line, which a crash left, is dropped. Throws STORAGE_CORRUPT. */
export async function openOwnLog(folder: string, key: KeyId): Promise<OwnLog> {
  const path = join(folder, `${key}.jsonl`);
  const { ends, size } = (await onDisk(`Reading ${path}`, () => ifPresent(() => lineEnds(path)))) ?? { ends: [], size: 0 };
  const whole = ends.at(-1) ?? 0;
  if (whole < size) await onDisk(`Repairing ${path}`, () => truncate(path, whole));
  const log = new FileLog(path, key, ends);
  await log.readNewest();
  return log;
}

const newline = 0x0a;
const pieceBytes = 1_048_576;

/** Where each line of a file ends (exclusive), and how many bytes it has. */
async function lineEnds(path: string): Promise<{ ends: number[]; size: number }> {
  const file = await open(path, 'r');
  const ends: number[] = [];
  const piece = Buffer.allocUnsafe(pieceBytes);
  try {
    for (let size = 0; ; ) {
      const { bytesRead } = await file.read(piece, 0, pieceBytes, size);
      if (bytesRead === 0) return { ends, size };
      const read = piece.subarray(0, bytesRead);
      for (let at = read.indexOf(newline); at !== -1; at = read.indexOf(newline, at + 1)) ends.push(size + at + 1);
      size += bytesRead;
    }
  } finally {
    await file.close();
  }
}

function corrupt(path: string, line: number, cause?: unknown): SoukError {
  return new SoukError('STORAGE_CORRUPT', `Line ${line} of your log ${path} is damaged.`, {
    hint: 'Restore the file from a backup, or move it away: the next publish reads it again from the site, as far as the site has it.',
    details: { path, line },
    cause,
  });
}

class FileLog implements OwnLog {
  readonly key: KeyId;
  readonly #path: string;
  readonly #ends: number[];
  #newest: VerifiedRecord | undefined;

  constructor(path: string, key: KeyId, ends: number[]) {
    this.#path = path;
    this.key = key;
    this.#ends = ends;
  }

  get length(): number {
    return this.#ends.length;
  }

  get head(): Head | undefined {
    return headOf(this.#newest);
  }

  get clock(): number {
    return this.#newest?.fields.clock ?? 0;
  }

  /** Reads the record that the next one stands on. Throws STORAGE_CORRUPT. */
  async readNewest(): Promise<void> {
    [this.#newest] = await this.read(this.length - 1, 1);
  }

  async read(from: number, limit: number): Promise<VerifiedRecord[]> {
    const end = Math.min(from + limit, this.length);
    if (from < 0 || from >= end) return [];
    const start = this.#startOf(from);
    const text = await onDisk(`Reading ${this.#path}`, () => this.#with('r', (file) => readText(file, start, this.#startOf(end) - start)));
    const records: VerifiedRecord[] = [];
    for (const [at, line] of text.split('\n').slice(0, -1).entries()) records.push(this.#parsed(line, from + at, records.at(-1)));
    return records;
  }

  async append(records: readonly VerifiedRecord[]): Promise<void> {
    let head = this.head;
    for (const record of records) {
      if (record.key !== this.key || !continues(head, record)) throw new SoukError('FORKED_LOG', `Record ${record.fields.seq} of ${this.key} does not continue this computer's log.`);
      head = headOf(record);
    }
    await onDisk(`Writing ${this.#path}`, () => this.#write(records.map(lineOf)));
    this.#newest = records.at(-1) ?? this.#newest;
  }

  async withdraw(from: number): Promise<void> {
    if (from >= this.length) return;
    await onDisk(`Writing ${this.#path}`, () =>
      this.#with('r+', async (file) => {
        await file.truncate(this.#startOf(from));
        await file.sync();
      }),
    );
    this.#ends.length = from;
    await this.readNewest();
  }

  #startOf(seq: number): number {
    return this.#ends[seq - 1] ?? 0;
  }

  #parsed(line: string, seq: number, before: VerifiedRecord | undefined): VerifiedRecord {
    let record: VerifiedRecord;
    try {
      record = verify(fromWire(WireRecord.parse(JSON.parse(line))));
    } catch (cause) {
      throw corrupt(this.#path, seq + 1, cause);
    }
    const follows = before === undefined ? record.fields.seq === seq : continues(headOf(before), record);
    if (record.key !== this.key || !follows) throw corrupt(this.#path, seq + 1);
    return record;
  }

  async #with<T>(flags: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
    const file = await open(this.#path, flags, 0o600);
    try {
      return await work(file);
    } finally {
      await file.close();
    }
  }

  async #write(lines: readonly string[]): Promise<void> {
    const isNew = this.length === 0;
    if (isNew) await makeFolder(dirname(this.#path));
    await this.#with('a', async (file) => {
      const { size } = await file.stat();
      try {
        await file.writeFile(lines.join(''));
        await file.sync();
      } catch (error) {
        // A full disk may have taken half a line, which must not stay before later ones.
        await file.truncate(size).catch(() => undefined);
        throw error;
      }
    });
    for (const line of lines) this.#ends.push(this.#startOf(this.length) + line.length);
    if (isNew) await syncFolder(dirname(this.#path));
  }
}

async function readText(file: FileHandle, start: number, length: number): Promise<string> {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; ) {
    const { bytesRead } = await file.read(bytes, at, length - at, start + at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return bytes.toString('latin1');
}

/** A record as a line; JSON of base64url has one byte per character. */
function lineOf(record: VerifiedRecord): string {
  return `${JSON.stringify(toWire(record))}\n`;
}
