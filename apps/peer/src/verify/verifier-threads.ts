import { availableParallelism } from 'node:os';
import { abortError, fromErrorBody, parseRecord, storeClosed, throwIfAborted, type ErrorBody, type RecordVerifier, type SignedRecord, type VerifiedRecord, type VerifiedRun } from '@souk/domain';
import type { Log } from '@souk/nest';
import PQueue from 'p-queue';
import { entryBeside, TaskThread } from '../bulk/task-thread.ts';

/** What a thread found in a slice: how many records from its beginning are sound, and what is wrong with the next. */
export interface VerifiedSlice {
  readonly sound: number;
  readonly problem?: ErrorBody;
}

/** Most records that are verified where they are asked for, which is quicker than handing them over: some 2 ms. */
const maxHere = 16;
/** Records that a thread gets at once, some 10 ms of its work: at most 9 MiB. */
const slice = 128;
/** Most threads, however many cores there are. */
const maxThreads = 4;
/** Longer than the pause between two exchanges with other peers. */
const idleMs = 60_000;
/** Most memory of a thread's objects, in MiB, and of those that die soon. */
const memory = { heapMiB: 128, youngMiB: 16 };

/** One core is left to whoever asks. */
function threadCount(): number {
  return Math.min(maxThreads, Math.max(1, availableParallelism() - 1));
}

/** A copy with memory of its own: to a thread goes all of the memory that a view is of. */
function copied({ header, signature, body }: SignedRecord): SignedRecord {
  return { header: new Uint8Array(header), signature: new Uint8Array(signature), ...(body === undefined ? {} : { body: new Uint8Array(body) }) };
}

function slices(records: readonly SignedRecord[]): SignedRecord[][] {
  return Array.from({ length: Math.ceil(records.length / slice) }, (_, index) => records.slice(index * slice, (index + 1) * slice));
}

/**
 * Verifies in worker threads, which are there only while there is work; each has at most one slice of records at a time, the others wait with whoever
 * asks. What is handed back crosses no thread: the records that were found sound are parsed here, without their signatures being checked again.
 */
export class VerifierThreads implements RecordVerifier {
  readonly #idle: TaskThread[];
  readonly #threads: readonly TaskThread[];
  readonly #turns: PQueue;
  readonly #few: RecordVerifier;
  #closed = false;

  /** `few` verifies what is not worth being handed over. */
  constructor(few: RecordVerifier, log: Log) {
    const options = { entry: entryBeside(import.meta.url, 'verify-worker'), data: undefined, log, idleMs, ...memory };
    this.#threads = Array.from({ length: threadCount() }, () => new TaskThread(options));
    this.#idle = [...this.#threads];
    this.#turns = new PQueue({ concurrency: this.#threads.length });
    this.#few = few;
  }

  /** Threads that run now. */
  get running(): number {
    return this.#threads.filter(({ isRunning }) => isRunning).length;
  }

  async verifyRun(records: readonly SignedRecord[], options: { readonly signal?: AbortSignal } = {}): Promise<VerifiedRun> {
    if (this.#closed) throw storeClosed('record verifier');
    throwIfAborted(options.signal, 'Verifying');
    if (records.length <= maxHere) return this.#few.verifyRun(records, options);
    const parts = await Promise.all(slices(records).map((part) => this.#inTurn(part, options.signal)));
    const sound: VerifiedRecord[] = [];
    for (const part of parts) {
      sound.push(...part.records);
      if (part.problem) return { records: sound, problem: part.problem };
    }
    return { records: sound };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#turns.onIdle();
    await Promise.all(this.#threads.map((thread) => thread.close()));
    await this.#few.close();
  }

  async #inTurn(records: readonly SignedRecord[], signal: AbortSignal | undefined): Promise<VerifiedRun> {
    try {
      return await this.#turns.add(() => this.#verify(records, signal), signal ? { signal } : {});
    } catch (error) {
      throw signal?.aborted ? abortError(signal, 'Verifying') : error;
    }
  }

  async #verify(records: readonly SignedRecord[], signal: AbortSignal | undefined): Promise<VerifiedRun> {
    // As many turns as threads, so there is one that has nothing to do.
    const thread = this.#idle.pop() as TaskThread;
    try {
      const { sound, problem } = (await thread.run('verify', records.map(copied), signal ? { signal } : {})) as VerifiedSlice;
      const parsed = records.slice(0, sound).map(parseRecord);
      return { records: parsed, ...(problem ? { problem: fromErrorBody(problem, 'BAD_RECORD') } : {}) };
    } finally {
      this.#idle.push(thread);
    }
  }
}
