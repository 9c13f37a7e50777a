import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** How a program is started. */
export interface ChildOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** How a program ended. */
export interface Ended {
  /** Exit code; 128 + the signal's number stands for none. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const signalCodes: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGKILL: 137, SIGTERM: 143 };

/** A program that runs; what it writes is collected. */
export class Child {
  readonly #process: ChildProcess;
  readonly #ended: Promise<Ended>;
  #stdout = '';
  #stderr = '';

  constructor(program: string, words: readonly string[], { cwd, env }: ChildOptions) {
    this.#process = spawn(program, words, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.#ended = this.#end();
  }

  /** What it has written to standard error so far. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Resolves when it has ended and everything it wrote is read. */
  ended(): Promise<Ended> {
    return this.#ended;
  }

  /** The first line that it writes to standard output; undefined when it ends without one. */
  async firstLine(): Promise<string | undefined> {
    const ended = this.#ended.then(() => true);
    while (!this.#stdout.includes('\n')) {
      const isOver = await Promise.race([once(this.#process.stdout ?? this.#process, 'data').then(() => false), ended]);
      if (isOver && !this.#stdout.includes('\n')) return undefined;
    }
    return this.#stdout.slice(0, this.#stdout.indexOf('\n'));
  }

  /** Lets it do nothing from now on: SIGSTOP. Its end may still be asked for. */
  freeze(): void {
    this.#process.kill('SIGSTOP');
  }

  /** Lets it go on: SIGCONT. */
  thaw(): void {
    this.#process.kill('SIGCONT');
  }

  /** Sends a signal and waits for the end. */
  end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<Ended> {
    this.#process.kill(signal);
    return this.#ended;
  }

  async #end(): Promise<Ended> {
    const [code, signal] = (await once(this.#process, 'close')) as [number | null, string | null];
    return { code: code ?? signalCodes[signal ?? ''] ?? 128, stdout: this.#stdout, stderr: this.#stderr };
  }
}

/** Runs a program to its end. When it takes longer than `deadlineMs` it is killed, and what it had written is thrown. */
export async function runToEnd(program: string, words: readonly string[], options: ChildOptions, deadlineMs = 300_000): Promise<Ended> {
  const child = new Child(program, words, options);
  const timer = setTimeout(() => void child.end('SIGKILL'), deadlineMs);
  const ended = await child.ended();
  clearTimeout(timer);
  if (ended.code === signalCodes['SIGKILL']) throw new Error(`${program} ${words.join(' ')} did not end within ${deadlineMs} ms:\n${ended.stdout}${ended.stderr}`);
  return ended;
}
