import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cid } from '@souk/domain';
import { storing } from './storage-error.ts';

/** How long what a draft left is kept, in milliseconds, and of how many blobs. */
const [keptMs, keptBlobs] = [86_400_000, 4];
const suffix = '.part';

/** What was left of a draft. */
export interface LeftDraft {
  readonly path: string;
  readonly size: number;
}

/** Drafts that may be resumed: `CID.RANDOM.part` in the folder of drafts, so that a process that dies need not tell anybody. */
export class LeftDrafts {
  readonly #folder: string;
  /** Files that are being written, or read, now. */
  readonly #busy = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Where a draft of a blob that may be resumed is written. */
  begin(cid: Cid): string {
    const path = join(this.#folder, `${cid}.${randomBytes(8).toString('hex')}${suffix}`);
    this.#busy.add(path);
    return path;
  }

  /** Takes what was left of a blob, the largest where there are several; the others are deleted. */
  async take(cid: Cid): Promise<LeftDraft | undefined> {
    const found = await storing('Looking for an unfinished blob', async () => {
      const paths = (await readdir(this.#folder)).filter((name) => name.startsWith(`${cid}.`) && name.endsWith(suffix)).map((name) => join(this.#folder, name));
      return Promise.all(paths.filter((path) => !this.#busy.has(path)).map(async (path) => ({ path, size: (await stat(path)).size })));
    });
    const [largest, ...others] = found.toSorted((one, other) => other.size - one.size);
    for (const { path } of others) await rm(path, { force: true });
    if (largest) this.#busy.add(largest.path);
    return largest;
  }

  /** Nobody writes or reads a file any more; what is left beyond the newest few blobs is deleted. */
  end(path: string): void {
    this.#busy.delete(path);
    this.tidy();
  }

  /** Deletes what is too old, or too much, to be kept. */
  tidy(now = Date.now()): void {
    const left = readdirSync(this.#folder)
      .filter((name) => name.endsWith(suffix))
      .map((name) => join(this.#folder, name))
      .filter((path) => !this.#busy.has(path))
      .flatMap((path) => {
        const found = statSync(path, { throwIfNoEntry: false });
        return found ? [{ path, at: found.mtimeMs }] : [];
      })
      .toSorted((one, other) => other.at - one.at);
    for (const [index, { path, at }] of left.entries()) if (index >= keptBlobs || now - at > keptMs) rmSync(path, { force: true });
  }
}

/** Whether a file in the folder of drafts is what was left of one that may be resumed. */
export function mayBeResumed(name: string): boolean {
  return name.endsWith(suffix);
}
