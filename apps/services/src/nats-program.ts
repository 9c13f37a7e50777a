import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { natsServerConfig, type ServiceName } from '@souk/contracts';
import { SoukError } from '@souk/domain';
import type { Log, LogLevel } from '@souk/nest';
import type { Origin, ProcessLog } from './process-log.ts';
import type { Program } from './supervised-process.ts';
import type { Command } from './tied-child.ts';

/** What the site's own NATS server is started with. */
export interface NatsProgramOptions {
  readonly program: string;
  readonly passwords: Readonly<Record<ServiceName, string>>;
  /** The environment of this process: nats-server gets none of Souk's. */
  readonly env: Readonly<Record<string, string>>;
  readonly log: ProcessLog;
}

const listening = /Listening for client connections on \S+:(\d+)/;
const levels: Readonly<Record<string, Exclude<LogLevel, 'silent'>>> = { INF: 'debug', WRN: 'warn', ERR: 'error', FTL: 'error' };

/**
 * A nats-server of the site's own on loopback, with one user per service. It keeps nothing. Passwords are in a private file that is
 * there only while it starts; it takes any free port, and the same one when it is started again.
 */
export class NatsProgram implements Program {
  readonly origin: Origin = { service: 'nats', replica: 0 };
  readonly #options: NatsProgramOptions;
  #listens = Promise.withResolvers<void>();
  #port = -1;
  #folder: string | undefined;

  constructor(options: NatsProgramOptions) {
    this.#options = options;
  }

  /** Where services connect, once it was ready. */
  get url(): string {
    return `nats://127.0.0.1:${this.#port}`;
  }

  async command(): Promise<Command> {
    await this.#removeConfig();
    this.#listens = Promise.withResolvers<void>();
    this.#folder = await mkdtemp(join(tmpdir(), 'souk-nats-'));
    const file = join(this.#folder, 'nats.conf');
    await writeFile(file, natsServerConfig(this.#options.passwords), { mode: 0o600 });
    return { program: this.#options.program, words: ['-a', '127.0.0.1', '-p', String(this.#port), '-c', file], env: this.#options.env, listens: false };
  }

  line(text: string): void {
    const port = listening.exec(text)?.[1];
    if (port !== undefined) this.#port = Number(port);
    if (text.includes('Server is ready')) this.#listens.resolve();
    // It cannot know that the file is private and gone in a moment.
    if (text.includes('Plaintext passwords detected')) return;
    const [, tag = 'WRN', said = text] = /\[(INF|WRN|ERR|FTL)\] (.*)$/.exec(text) ?? [];
    this.#options.log.say(this.origin, levels[tag] ?? 'warn', said);
  }

  async whenReady(_child: ChildProcess, _log: Log, signal: AbortSignal): Promise<void> {
    const ended = new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('it ended')), { once: true }));
    try {
      await Promise.race([this.#listens.promise, ended]);
    } finally {
      await this.#removeConfig();
    }
  }

  cannotRun(failure: string): SoukError {
    const hint = 'Install nats-server 2.9 or newer, name one by SOUK_NATS_SERVER, or give the address of a server that runs: SOUK_NATS_URL and a password per service.';
    return new SoukError('BAD_CONFIG', `${this.#options.program}, which the services talk over, cannot be run (${failure}).`, { hint });
  }

  async #removeConfig(): Promise<void> {
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
  }
}
