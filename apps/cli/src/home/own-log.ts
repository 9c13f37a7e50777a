import { open, readFile, truncate } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fromWire, sameBytes, SoukError, toWire, verify, WireRecord, type Head, type KeyId, type VerifiedRecord } from '@souk/domain';
import { makeFolder, syncFolder } from '@souk/store';
import { ifPresent, onDisk } from './on-disk.ts';

/** One of the user's own logs: a file of signed records, one JSON line each. Only whoever holds the lock of the home may write. */
export interface OwnLog {
  readonly key: KeyId;
  readonly records: readonly VerifiedRecord[];
  readonly head: Head | undefined;
  /** Appends records that continue the head; on disk when it returns. Throws FORKED_LOG for records that don't continue it. */
  append(records: readonly VerifiedRecord[]): Promise<void>;
  /** Takes the newest record back, which no site accepted. */
  withdraw(record: VerifiedRecord): Promise<void>;
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
  const text = (await onDisk(`Reading ${path}`, () => ifPresent(() => readFile(path, 'utf8')))) ?? '';
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) await onDisk(`Repairing ${path}`, () => truncate(path, Buffer.byteLength(whole)));
  return new FileLog(path, key, parse(whole, path, key));
}

function parse(text: string, path: string, key: KeyId): VerifiedRecord[] {
  const records: VerifiedRecord[] = [];
  for (const [at, line] of text.split('\n').slice(0, -1).entries()) {
    let record: VerifiedRecord;
    try {
      record = verify(fromWire(WireRecord.parse(JSON.parse(line))));
    } catch (cause) {
      throw corrupt(path, at + 1, cause);
    }
    if (record.key !== key || !continues(headOf(records.at(-1)), record)) throw corrupt(path, at + 1);
    records.push(record);
  }
  return records;
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
  readonly #records: VerifiedRecord[];

  constructor(path: string, key: KeyId, records: VerifiedRecord[]) {
    this.#path = path;
    this.key = key;
    this.#records = records;
  }

  get records(): readonly VerifiedRecord[] {
    return this.#records;
  }

  get head(): Head | undefined {
    return headOf(this.#records.at(-1));
  }

  async append(records: readonly VerifiedRecord[]): Promise<void> {
    let head = this.head;
    for (const record of records) {
      if (record.key !== this.key || !continues(head, record)) throw new SoukError('FORKED_LOG', `Record ${record.fields.seq} of ${this.key} does not continue this computer's log.`);
      head = headOf(record);
    }
    await onDisk(`Writing ${this.#path}`, () => this.#write(records));
    this.#records.push(...records);
  }

  async withdraw(record: VerifiedRecord): Promise<void> {
    if (this.#records.at(-1) !== record) return;
    const kept = this.#records.slice(0, -1).map((one) => line(one)).join('');
    await onDisk(`Writing ${this.#path}`, async () => {
      const handle = await open(this.#path, 'r+');
      try {
        await handle.truncate(Buffer.byteLength(kept));
        await handle.sync();
      } finally {
        await handle.close();
      }
    });
    this.#records.pop();
  }

  async #write(records: readonly VerifiedRecord[]): Promise<void> {
    const isNew = this.#records.length === 0;
    if (isNew) await makeFolder(dirname(this.#path));
    const handle = await open(this.#path, 'a', 0o600);
    const { size } = await handle.stat();
    try {
      await handle.writeFile(records.map(line).join(''));
      await handle.sync();
    } catch (error) {
      // A full disk may have taken half a line, which must not stay before later ones.
      await handle.truncate(size).catch(() => undefined);
      throw error;
    } finally {
      await handle.close();
    }
    if (isNew) await syncFolder(dirname(this.#path));
  }
}

function line(record: VerifiedRecord): string {
  return `${JSON.stringify(toWire(record))}\n`;
}
