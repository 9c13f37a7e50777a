import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Bench } from '../runner/bench.ts';

/** What a process can be asked: its handlers by name. Inputs and outputs travel as JSON, with bytes as they are. */
export type Handlers = Readonly<Record<string, (input: never) => unknown>>;

type Input<H extends Handlers, K extends keyof H> = Parameters<H[K]>[0];
type Output<H extends Handlers, K extends keyof H> = Awaited<ReturnType<H[K]>>;

interface Question {
  readonly id: number;
  readonly what: string;
  readonly input: unknown;
}
type Answer = { readonly id: number; readonly output: unknown } | { readonly id: number; readonly error: string };

/** A process of a scenario that answers its parent's questions, such as one that hosts peers. */
export class AskedProcess<H extends Handlers> {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve(output: never): void; reject(error: Error): void }>();
  #asked = 0;

  /** Starts a script, which calls `answerParent`, with options for Node if it needs any; it ends with the run at the latest. */
  constructor(bench: Bench, script: URL, words: readonly string[] = [], nodeOptions: readonly string[] = []) {
    this.#child = fork(script, words, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced', execArgv: ['--expose-gc', ...nodeOptions] });
    bench.atEnd(async () => void this.#child.kill('SIGKILL'));
    this.#child.on('message', (answer: Answer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if ('error' in answer) waiting?.reject(new Error(answer.error));
      else waiting?.resolve(answer.output as never);
    });
    this.#child.once('exit', (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`a process of this scenario ended with ${code}`));
      this.#waiting.clear();
    });
  }

  /** Asks; throws what the handler threw. */
  ask<K extends keyof H & string>(what: K, input: Input<H, K>): Promise<Output<H, K>> {
    const { promise, resolve, reject } = Promise.withResolvers<Output<H, K>>();
    const id = (this.#asked += 1);
    this.#waiting.set(id, { resolve, reject });
    this.#child.send({ id, what, input } satisfies Question);
    return promise;
  }

  /** The share of memory that is this process's, in MiB: pages that several processes map count by parts (PSS). */
  async pssMiB(): Promise<number> {
    const rollup = await readFile(`/proc/${this.#child.pid}/smaps_rollup`, 'utf8');
    const [, kib] = /^Pss:\s+(\d+) kB/m.exec(rollup) ?? [];
    if (kib === undefined) throw new Error('this system tells no PSS');
    return Number(kib) / 1024;
  }

  /** Ends it. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}

/** Answers the parent's questions for as long as this process lives. */
export function answerParent(handlers: Handlers): void {
  const answer = async ({ id, what, input }: Question): Promise<void> => {
    try {
      const output = await (handlers[what] as (input: unknown) => unknown)(input);
      process.send?.({ id, output } satisfies Answer);
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) } satisfies Answer);
    }
  };
  process.on('message', (question: Question) => void answer(question));
  process.on('disconnect', () => process.exit());
}

/** Heap that is in use here after everything that can be freed was, in bytes. */
export function usedHeap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
