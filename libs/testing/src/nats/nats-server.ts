import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { natsProgram } from './nats-program.ts';

/** How a nats-server is started. */
export interface NatsServerOptions {
  /** Text of its configuration file, e.g. users and limits; address and port are always chosen here. */
  readonly config?: string;
  /** Port on loopback; any free one unless given. */
  readonly port?: number;
  /** Environment variables that the configuration names. */
  readonly env?: Readonly<Record<string, string>>;
}

const listening = /Listening for client connections on \S+:(\d+)/;
const ready = /Server is ready/;

/** A real nats-server on loopback, for specs, journeys and benchmarks. It keeps nothing. */
export class NatsServer implements AsyncDisposable {
  readonly #folder: string;
  readonly #program: string;
  readonly #env: Readonly<Record<string, string>>;
  #process: ChildProcess | undefined;
  #port: number;

  private constructor(folder: string, program: string, { port = -1, env = {} }: NatsServerOptions) {
    this.#folder = folder;
    this.#program = program;
    this.#port = port;
    this.#env = env;
  }

  /** Starts a server and waits until it accepts connections. Throws with its own words when it does not, e.g. for a wrong configuration. */
  static async start(options: NatsServerOptions = {}): Promise<NatsServer> {
    const program = natsProgram();
    if (program === undefined) throw new Error('There is no nats-server on this machine; ask natsProgram() before.');
    const folder = await mkdtemp(join(tmpdir(), 'souk-nats-'));
    const server = new NatsServer(folder, program, options);
    try {
      await server.#configure(options.config ?? '');
      await server.#run();
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The port on loopback; the same after a restart. */
  get port(): number {
    return this.#port;
  }

  /** Where clients connect. */
  get url(): string {
    return `nats://127.0.0.1:${this.#port}`;
  }

  /** Starts again on the same port, with another configuration if one is given; stops first when it runs. */
  async restart(config?: string): Promise<void> {
    await this.stop();
    if (config !== undefined) await this.#configure(config);
    await this.#run();
  }

  /** Ends the process: gracefully, or at once with SIGKILL. Clients see their connections close. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    await exit;
  }

  /** Stops it from doing anything while its connections stay open, as a machine that hangs. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  /** Lets it go on. */
  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Ends the process and removes its files. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGKILL');
    await rm(this.#folder, { recursive: true, force: true });
  }

  #configure(config: string): Promise<void> {
    return writeFile(join(this.#folder, 'nats.conf'), config);
  }

  async #run(): Promise<void> {
    const args = ['-a', '127.0.0.1', '-p', String(this.#port), '-c', join(this.#folder, 'nats.conf')];
    const child = spawn(this.#program, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...this.#env } });
    this.#process = child;
    const said: string[] = [];
    const lines = createInterface({ input: child.stderr });
    const isReady = new Promise<void>((resolve) => {
      lines.on('line', (line) => {
        if (said.length < 100) said.push(line);
        const port = listening.exec(line)?.[1];
        if (port !== undefined) this.#port = Number(port);
        if (ready.test(line)) resolve();
      });
    });
    const ended = once(lines, 'close').then(() => {
      throw new Error(`nats-server did not start:\n${said.join('\n')}`);
    });
    // Once it is ready, its end is no failure of the start any more.
    ended.catch(() => {});
    await Promise.race([isReady, ended]);
  }
}
