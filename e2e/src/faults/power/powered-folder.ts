import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { readJournal } from '../interposer/journal.ts';
import { DiskModel, type Found, type Luck } from './disk-model.ts';

const isMemory = (name: string): boolean => name.endsWith('-shm');

/** A data folder whose disk can lose its power: whatever was not flushed may be gone. */
export class PoweredFolder {
  readonly path: string;
  /** Where the process that uses the folder has to note what it does (FAULTS_JOURNAL). */
  readonly journal: string;
  #disk: DiskModel;

  /** A folder that may be missing; what is there counts as being on the disk. */
  constructor(path: string, journal: string) {
    this.path = path;
    this.journal = journal;
    closeSync(openSync(journal, 'w'));
    this.#disk = new DiskModel(found(path));
  }

  /** Takes over what its process did, which has ended. Throws when the folder is not what that adds up to. */
  ended(): void {
    this.#disk.take(readJournal(this.journal));
    truncateSync(this.journal);
    const expected = new Map([...this.#disk.current()].filter(([path]) => path !== ''));
    const odd = difference(expected, bytesOf(found(this.path)));
    if (odd.length > 0) throw new Error(`What was noted of ${this.path} is not what is there: ${odd.join(', ')}`);
  }

  /** The power fails, after the process has ended, and comes back. */
  cutPower(luck: Luck): void {
    const left = this.#disk.afterPowerCut(luck);
    for (const name of readdirSync(this.path)) rmSync(join(this.path, name), { recursive: true });
    for (const [path, bytes] of [...left].sort(([one], [other]) => (one < other ? -1 : 1))) {
      if (bytes === null) mkdirSync(join(this.path, path), { recursive: true, mode: 0o700 });
      else write(join(this.path, path), bytes);
    }
    this.#disk = new DiskModel(found(this.path));
  }
}

function write(path: string, bytes: Uint8Array): void {
  const file = openSync(path, 'w', 0o600);
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
  closeSync(file);
}

function found(folder: string): Found[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => !isMemory(path)).map((path) => {
    const about = statSync(join(folder, path), { bigint: true });
    return about.isDirectory() ? { path } : { path, file: { inode: about.ino, bytes: readFileSync(join(folder, path)) } };
  });
}

function bytesOf(all: readonly Found[]): Map<string, Buffer | null> {
  return new Map(all.map(({ path, file }) => [path, file?.bytes ?? null]));
}

function difference(one: ReadonlyMap<string, Buffer | null>, other: ReadonlyMap<string, Buffer | null>): string[] {
  const paths = new Set([...one.keys(), ...other.keys()]);
  return [...paths].flatMap((path) => {
    const [left, right] = [one.get(path), other.get(path)];
    if (left === undefined || right === undefined) return [`${path} is ${left === undefined ? 'there' : 'missing'}`];
    const same = left === null || right === null ? left === right : left.equals(right);
    return same ? [] : [`${path} has other bytes (${left?.length} noted, ${right?.length} there)`];
  });
}
