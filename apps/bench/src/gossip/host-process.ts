import { fork, type ChildProcess } from 'node:child_process';
import type { Bench } from '../runner/bench.ts';

/** What a host of peers is told: to start some; whom each of them links to; who publishes a record with a body of how many bytes; to tell. */
export type ToHost =
  | { readonly t: 'start'; readonly first: number; readonly count: number }
  | { readonly t: 'link'; readonly links: readonly (readonly string[])[] }
  | { readonly t: 'publish'; readonly peer: number; readonly name: string; readonly bytes: number }
  | { readonly t: 'arrived?'; readonly key: string }
  | { readonly t: 'tell' };

/** What a host says. Times are nanoseconds of the machine's monotonic clock, the same for all processes. */
export type FromHost =
  | { readonly t: 'started'; readonly addresses: readonly string[] }
  | { readonly t: 'linked' }
  | { readonly t: 'published'; readonly key: string; readonly at: number }
  | { readonly t: 'arrived'; readonly times: readonly number[] }
  /** `copies`: gossip messages that came in since a record was published here or it was asked last. */
  | { readonly t: 'told'; readonly copies: number; readonly links: number; readonly rssMiB: number };

type Answers = { start: 'started'; link: 'linked'; publish: 'published'; 'arrived?': 'arrived'; tell: 'told' };

// Beside this file as source and compiled.
const script = new URL(import.meta.url.endsWith('.ts') ? './gossip-host.ts' : './gossip-host.js', import.meta.url);

/** A process that hosts peers. One question at a time. */
export class HostProcess {
  readonly #process: ChildProcess;

  constructor(bench: Bench) {
    this.#process = fork(script, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    bench.atEnd(async () => void this.#process.kill('SIGKILL'));
  }

  /** Tells it something and waits for what it says. Throws when it ends. */
  ask<T extends ToHost['t']>(message: Extract<ToHost, { t: T }>): Promise<Extract<FromHost, { t: Answers[T] }>> {
    const { promise, resolve, reject } = Promise.withResolvers<Extract<FromHost, { t: Answers[T] }>>();
    const onExit = (): void => reject(new Error('a process of peers ended'));
    this.#process.once('message', (answer) => resolve(answer as Extract<FromHost, { t: Answers[T] }>)).once('exit', onExit);
    this.#process.send(message);
    return promise.finally(() => this.#process.off('exit', onExit));
  }

  /** Ends it. */
  stop(): void {
    this.#process.kill('SIGKILL');
  }
}
