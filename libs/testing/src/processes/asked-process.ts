import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** What a process can be asked: its handlers by name. Inputs and outputs are copied as by structuredClone. */
export type Handlers = Readonly<Record<string, (input: never) => unknown>>;

type Input<H extends Handlers, K extends keyof H> = Parameters<H[K]>[0];
type Output<H extends Handlers, K extends keyof H> = Awaited<ReturnType<H[K]>>;

interface Question {
  readonly id: number;
  readonly what: string;
  readonly input: unknown;
}
/** An error with its code and details, if it has any: what a SoukError says of itself. */
interface Failure {
  readonly message: string;
  readonly code?: string | undefined;
  readonly details?: unknown;
}
type Answer = { readonly id: number; readonly output: unknown } | { readonly id: number; readonly failure: Failure };

/** How a script is started. */
export interface AskedOptions {
  readonly words?: readonly string[];
  /** Options for Node. */
  readonly nodeOptions?: readonly string[];
}

/** A process that answers its parent's questions, such as one that hosts peers. */
export class AskedProcess<H extends Handlers> implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve(output: never): void; reject(error: Error): void }>();
  #asked = 0;

  /** Starts a script, which calls `answerParent`: compiled, or as source. */
  constructor(script: URL, { words = [], nodeOptions = [] }: AskedOptions = {}) {
    const ofSource = script.pathname.endsWith('.ts') ? ['--conditions=@souk/source', '--disable-warning=ExperimentalWarning'] : [];
    this.#child = fork(fileURLToPath(script), words, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced', execArgv: ['--expose-gc', ...ofSource, ...nodeOptions] });
    this.#child.on('message', (answer: Answer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if ('failure' in answer) waiting?.reject(Object.assign(new Error(answer.failure.message), answer.failure));
      else waiting?.resolve(answer.output as never);
    });
    this.#child.once('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`a process that was asked something ended with ${code ?? signal}`));
      this.#waiting.clear();
    });
  }

  /** Asks. Throws what the handler threw, with its code and details, and when the process ends before it answers. */
  ask<K extends keyof H & string>(what: K, input: Input<H, K>): Promise<Output<H, K>> {
    const { promise, resolve, reject } = Promise.withResolvers<Output<H, K>>();
    const id = (this.#asked += 1);
    this.#waiting.set(id, { resolve, reject });
    this.#child.send({ id, what, input } satisfies Question, (error) => {
      if (!error || !this.#waiting.delete(id)) return;
      reject(error);
    });
    return promise;
  }

  /** The share of memory that is this process's, in MiB: pages that several processes map count by parts (PSS). */
  async pssMiB(): Promise<number> {
    const rollup = await readFile(`/proc/${this.#child.pid}/smaps_rollup`, 'utf8');
    const [, kib] = /^Pss:\s+(\d+) kB/m.exec(rollup) ?? [];
    if (kib === undefined) throw new Error('this system tells no PSS');
    return Number(kib) / 1024;
  }

  /** Lets it do nothing from now on, while the system keeps its connections open: SIGSTOP. */
  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  /** Lets it go on: SIGCONT. */
  thaw(): void {
    this.#child.kill('SIGCONT');
  }

  /** Kills it, frozen or not, and waits until it is gone: SIGKILL, so that it can tell nobody. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/** Answers the parent's questions for as long as this process lives; it ends with its parent. */
export function answerParent(handlers: Handlers): void {
  const answer = async ({ id, what, input }: Question): Promise<void> => {
    try {
      const output = await (handlers[what] as (input: unknown) => unknown)(input);
      process.send?.({ id, output } satisfies Answer);
    } catch (error) {
      process.send?.({ id, failure: failureOf(error) } satisfies Answer);
    }
  };
  process.on('message', (question: Question) => void answer(question));
  process.on('disconnect', () => process.exit());
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code, details } = error as { code?: unknown; details?: unknown };
  return typeof code === 'string' ? { message: error.message, code, details } : { message: error.stack ?? error.message };
}

/** Heap that is in use here after everything that can be freed was, in bytes. */
export function usedHeap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
