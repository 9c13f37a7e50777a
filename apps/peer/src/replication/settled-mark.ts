import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogStore } from '@souk/domain';
import { storageCode, storageError, storing, writeDurably } from '@souk/store';
import { z } from 'zod';

const file = 'settled.json';
const Content = z.object({ arrival: z.int().min(0) });

/**
 * Whether a peer holds everything that it may be asked about, as far as its site acknowledged it: a primary that may order what comes, a replica
 * that was level once. A folder that was emptied, restored or cut short says no, because the mark lies beside the logs and counts their records.
 */
export class SettledMark {
  readonly #folder: string;
  readonly #settled = Promise.withResolvers<void>();
  #isSettled: boolean;

  private constructor(folder: string, isSettled: boolean) {
    this.#folder = folder;
    this.#isSettled = isSettled;
    if (isSettled) this.#settled.resolve();
  }

  /** Reads the mark of a data folder. A damaged one counts as missing. */
  static async open(folder: string, logs: Pick<LogStore, 'size'>): Promise<SettledMark> {
    const settled = await readContent(join(folder, file));
    return new SettledMark(folder, settled !== undefined && (await logs.size()).arrival >= settled.arrival);
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Resolves when it does, or when `signal` aborts. */
  async whenSettled(signal: AbortSignal): Promise<void> {
    const aborted = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([this.#settled.promise, aborted]);
  }

  /** Notes that it does, durably. Throws STORAGE_FULL, STORAGE_DENIED. */
  async settle(arrival: number): Promise<void> {
    const path = join(this.#folder, file);
    await storing(`Writing ${path}`, () => writeDurably(path, new TextEncoder().encode(`${JSON.stringify({ arrival })}\n`), 'replace'));
    this.#isSettled = true;
    this.#settled.resolve();
  }
}

async function readContent(path: string): Promise<z.infer<typeof Content> | undefined> {
  try {
    return Content.safeParse(JSON.parse(await readFile(path, 'utf8'))).data;
  } catch (error) {
    if (storageCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw storageError(error, `Reading ${path}`);
  }
}
