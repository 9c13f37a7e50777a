import { setFlagsFromString } from 'node:v8';
import { Worker, type Transferable } from 'node:worker_threads';
import { abortError, fromErrorBody, SoukError, throwIfAborted } from '@souk/domain';
import type { Log } from '@souk/nest';
import type { TaskAnswer, TaskMessage } from './thread-tasks.ts';

/** How a thread is run. */
export interface ThreadOptions {
  /** Its entry, which calls `serveTasks` and knows the task `close`. */
  readonly entry: URL;
  /** What the entry gets as `workerData`. */
  readonly data: unknown;
  readonly log: Log;
  /** After how many idle milliseconds it ends, until it is needed again. */
  readonly idleMs: number;
  /** Most memory of its objects, in MiB: work that takes more ends the thread, not the process. 512 when left out. */
  readonly heapMiB?: number;
  /** Memory for objects that die soon, in MiB: what is collected in the midst of a task is moved for nothing. 64 when left out. */
  readonly youngMiB?: number;
}

/** How a task is handed over. */
export interface RunOptions {
  /** What of the input is given away instead of copied. */
  readonly transfer?: readonly Transferable[];
  /** Whoever aborts stops waiting; the thread does the task to its end, and what it answers is dropped. */
  readonly signal?: AbortSignal;
}

/** How the entry is loaded where there are only sources, as in specs. */
const fromSource = ['--conditions=@souk/source', '--disable-warning=ExperimentalWarning'];

/** The entry of a thread, which lies beside the file that starts it: as source, compiled, or in the bundle of a site. `from`: that file's `import.meta.url`. */
export function entryBeside(from: string, name: string): URL {
  return new URL(from.endsWith('.ts') ? `./${name}.ts` : `./${name}.js`, from);
}

/** A thread that runs, with the tasks it was given and has not done. */
class Running {
  readonly #worker: Worker;
  readonly #pending = new Map<number, { readonly resolve: (value: unknown) => void; readonly reject: (error: unknown) => void }>();
  readonly #log: Log;
  readonly #onIdle: () => void;
  /** Resolves when the thread is gone. */
  readonly gone: Promise<void>;
  #last = 0;

  constructor({ entry, data, log, heapMiB = 512, youngMiB = 64 }: ThreadOptions, onIdle: () => void) {
    this.#log = log;
    this.#onIdle = onIdle;
    // The bound that a process was given for its own young objects would go before a thread's; its own heap keeps it.
    setFlagsFromString('--max-semi-space-size=0');
    const execArgv = entry.pathname.endsWith('.ts') ? fromSource : [];
    this.#worker = new Worker(entry, { workerData: data, execArgv, resourceLimits: { maxOldGenerationSizeMb: heapMiB, maxYoungGenerationSizeMb: youngMiB } });
    this.#worker.on('message', (answer: TaskAnswer) => this.#settle(answer));
    this.#worker.on('error', (error) => log.error('A worker thread failed', { error }));
    this.gone = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        for (const { reject } of this.#pending.values()) reject(new SoukError('UNAVAILABLE', 'The thread that did this work has ended.', { hint: 'Try again: what is held already is skipped.' }));
        resolve();
      });
    });
  }

  run(name: string, input: unknown, { transfer = [], signal }: RunOptions = {}): Promise<unknown> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      const abort = (): void => reject(abortError(signal as AbortSignal, 'Waiting for a thread'));
      const settled = <T>(settle: (value: T) => void) => (value: T): void => {
        signal?.removeEventListener('abort', abort);
        settle(value);
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#pending.set(id, { resolve: settled(resolve), reject: settled(reject) });
      this.#worker.postMessage({ id, name, input } satisfies TaskMessage, transfer);
    });
  }

  /** Has it do what it was given and close what it has open, then ends it. */
  async end(): Promise<void> {
    await this.run('close', undefined).catch((error: unknown) => this.#log.error('A worker thread did not close what it had open', { error }));
    await this.#worker.terminate();
  }

  #settle(answer: TaskAnswer): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if (this.#pending.size === 0) this.#onIdle();
    if ('value' in answer) return pending?.resolve(answer.value);
    if (answer.bug !== undefined) this.#log.error('A task of a worker thread failed', { stack: answer.bug });
    pending?.reject(fromErrorBody(answer.error, 'INTERNAL'));
  }
}

/** A worker thread that is started when the first task comes and ended when it was idle for a while. It does one task after the other. */
export class TaskThread {
  readonly #options: ThreadOptions;
  #running: Running | undefined;
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: ThreadOptions) {
    this.#options = options;
  }

  /** Whether there is a thread now. */
  get isRunning(): boolean {
    return this.#running !== undefined && !this.#closed;
  }

  /** Has a task done. Throws what the task throws, CANCELLED or TIMEOUT when the signal aborts, UNAVAILABLE when the thread ends: the next task gets a new one. */
  async run(name: string, input: unknown, options: RunOptions = {}): Promise<unknown> {
    throwIfAborted(options.signal, 'Waiting for a thread');
    if (this.#closed) throw new SoukError('UNAVAILABLE', 'The peer is stopping.', { hint: 'Try again in a moment.' });
    clearTimeout(this.#idle);
    this.#running ??= this.#start();
    return this.#running.run(name, input, options);
  }

  /** Waits for the tasks under way, then ends the thread. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#end();
  }

  #start(): Running {
    const running = new Running(this.#options, () => {
      if (!this.#closed && this.#running === running) this.#idle = setTimeout(() => void this.#end(), this.#options.idleMs).unref();
    });
    void running.gone.then(() => {
      if (this.#running === running) this.#running = undefined;
    });
    return running;
  }

  async #end(): Promise<void> {
    clearTimeout(this.#idle);
    const running = this.#running;
    this.#running = undefined;
    await running?.end();
  }
}
