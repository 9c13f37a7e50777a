import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { SoukError } from '@souk/domain';
import type { Log } from '@souk/nest';
import type { Origin, ProcessLog } from './process-log.ts';
import { RestartPause } from './restart-pause.ts';
import { endOf, tiedChild, type Command, type Exit } from './tied-child.ts';

/** A program that is kept running. */
export interface Program {
  readonly origin: Origin;
  /** How its next life is started. */
  command(): Promise<Command>;
  /** Resolves when a life of it does its work. Rejects with what it reported it ends for, and when the signal aborts. */
  whenReady(child: ChildProcess, log: Log, signal: AbortSignal): Promise<void>;
  /** Takes a line that it wrote. */
  line(text: string): void;
  /** The error of a program that the system cannot run, by the system's reason, e.g. ENOENT. */
  cannotRun(failure: string): SoukError;
}

/** Whoever ends so often without a word before it was ready for the first time will not be. */
const mostEndings = 5;
/** Longer than a service waits for work that is in flight. */
const longestStopMs = 15_000;

/**
 * One process of a site. When it ends by itself that is said, and it is started again after a pause that grows; when it reports why it
 * cannot start before it was ready for the first time, it is not, because it would report the same again.
 */
export class SupervisedProcess {
  readonly origin: Origin;
  readonly #program: Program;
  readonly #log: Log;
  readonly #stopMs: number;
  readonly #ready = Promise.withResolvers<void>();
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #child: ChildProcess | undefined;
  #wasReady = false;
  #refusal: unknown;

  /** `stopMs`: how long it may take to stop before it is killed. */
  constructor(program: Program, log: ProcessLog, stopMs = longestStopMs) {
    this.#stopMs = stopMs;
    this.origin = program.origin;
    this.#program = program;
    this.#log = log.of(program.origin);
    // Whoever does not wait for it learns of a refusal elsewhere.
    this.#ready.promise.catch(() => {});
    this.#running = this.#keepRunning();
  }

  /** Resolves when it does its work for the first time. Rejects with what it reported instead. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Asks it to stop and waits for its end; it is killed when it takes too long. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const child = this.#child;
    child?.kill('SIGTERM');
    const late = setTimeout(() => {
      this.#log.warn('killed because it did not stop in time', { stopMs: this.#stopMs });
      child?.kill('SIGKILL');
    }, this.#stopMs);
    await this.#running;
    clearTimeout(late);
  }

  async #keepRunning(): Promise<void> {
    const { signal } = this.#stopping;
    const restart = new RestartPause();
    for (let endings = 1; !signal.aborted; endings += 1) {
      const began = performance.now();
      const exit = await this.#live();
      if (signal.aborted) return;
      if (endings === mostEndings) this.#refusal ??= this.#gaveUp();
      if (this.#refusal !== undefined && !this.#wasReady) return this.#ready.reject(this.#refusal);
      const againInMs = restart.after(performance.now() - began);
      this.#log.error('ended by itself; it is started again', { ...exit, ...(this.#refusal instanceof SoukError ? { code: this.#refusal.code, why: this.#refusal.message } : {}), againInMs });
      await pause(againInMs, undefined, { signal }).catch(() => {});
    }
  }

  #gaveUp(): SoukError {
    const { service, replica } = this.origin;
    return new SoukError('UNAVAILABLE', `${service}/${replica} ended ${mostEndings} times before it was ready.`, { hint: 'Its log says more.' });
  }

  /** One life: from its start to its end. */
  async #live(): Promise<Exit> {
    this.#refusal = undefined;
    const command = await this.#program.command();
    if (this.#stopping.signal.aborted) return {};
    const child = tiedChild(command);
    this.#child = child;
    this.#log.info('process started', { pid: child.pid });
    for (const stream of [child.stdout, child.stderr]) if (stream) createInterface({ input: stream }).on('line', (text) => this.#program.line(text));
    const life = new AbortController();
    const watching = this.#watch(child, life.signal);
    const exit = await endOf(child);
    life.abort();
    await watching;
    this.#child = undefined;
    if (exit.failure !== undefined) this.#refusal ??= this.#program.cannotRun(exit.failure);
    return exit;
  }

  async #watch(child: ChildProcess, signal: AbortSignal): Promise<void> {
    const began = performance.now();
    try {
      await this.#program.whenReady(child, this.#log, signal);
      this.#log.info('ready', { tookMs: Math.round(performance.now() - began) });
      this.#wasReady = true;
      this.#ready.resolve();
    } catch (error) {
      if (!signal.aborted) this.#refusal = error;
    }
  }
}
