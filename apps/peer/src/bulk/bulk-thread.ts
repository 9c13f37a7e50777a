import type { AppendInput } from '@souk/contracts';
import type { Usage } from '@souk/domain';
import type { Log } from '@souk/nest';
import type { Changes } from '../catalogue/change-page.ts';
import type { BulkAppended, BulkKept, BulkNames, BulkPlace } from './bulk-work.ts';
import { entryBeside, TaskThread } from './task-thread.ts';

/** Longer than the pauses of an import; a thread that idles holds some 30 MiB. */
const idleMs = 60_000;

/** `BulkWork` in a worker thread, which is there only while there is work. */
export class BulkThread {
  readonly #thread: TaskThread;

  constructor(place: BulkPlace, log: Log) {
    this.#thread = new TaskThread({ entry: entryBeside(import.meta.url, 'bulk-worker'), data: place, log, idleMs });
  }

  /** `BulkWork.keepBlobs`; the CAR's memory is given away. */
  keepBlobs(car: Uint8Array<ArrayBuffer>): Promise<BulkKept> {
    return this.#thread.run('keepBlobs', car, { transfer: [car.buffer] }) as Promise<BulkKept>;
  }

  /** `BulkWork.append`. */
  append(input: AppendInput): Promise<BulkAppended> {
    return this.#thread.run('append', input) as Promise<BulkAppended>;
  }

  /** `BulkWork.name` while there is a thread; undefined else. */
  name(names: BulkNames): Promise<Usage> | undefined {
    return this.#thread.isRunning ? (this.#thread.run('name', names) as Promise<Usage>) : undefined;
  }

  /** Whether there is work, or was a moment ago. */
  get isRunning(): boolean {
    return this.#thread.isRunning;
  }

  /** `BulkWork.changes` while there is a thread; undefined else. */
  changes(page: { readonly after: number; readonly limit: number }): Promise<Changes> | undefined {
    return this.#thread.isRunning ? (this.#thread.run('changes', page) as Promise<Changes>) : undefined;
  }

  /** Ends the thread when it has done what it was given. */
  close(): Promise<void> {
    return this.#thread.close();
  }
}
