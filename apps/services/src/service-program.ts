import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { ProcessReport, type ServiceName } from '@souk/contracts';
import { ErrorBody, fromErrorBody, SoukError } from '@souk/domain';
import { programCommand, type Log } from '@souk/nest';
import { z } from 'zod';
import { passwordVariable } from './config.ts';
import type { Origin, ProcessLog } from './process-log.ts';
import type { Program } from './supervised-process.ts';
import type { Command } from './tied-child.ts';

/** What one process of a service is started with. */
export interface ServiceProgramOptions {
  readonly service: ServiceName;
  readonly replica: number;
  /** Its bundled main program. */
  readonly entry: string;
  readonly env: Readonly<Record<string, string>>;
  /** The variable that says on which port it answers HTTP. */
  readonly portVariable: string;
  /** That port; 0 takes any. A port that it got is kept when it is started again. */
  readonly port: number;
  readonly log: ProcessLog;
}

const firstPollMs = 20;
const longestPollMs = 200;
const answerMs = 2_000;
/** Every service is unready for a moment; only longer is worth a line. */
const patienceMs = 1_500;

const Unready = ErrorBody.extend({ details: z.object({ unmet: z.array(z.object({ name: z.string(), reason: z.string().optional() })) }) });

/** One process of a service: it reports over its channel where it answers, and is ready when its `/readyz` says so. */
export class ServiceProgram implements Program {
  readonly origin: Origin;
  readonly #options: ServiceProgramOptions;
  #port: number;
  #url: string | undefined;

  constructor(options: ServiceProgramOptions) {
    this.#options = options;
    this.#port = options.port;
    this.origin = { service: options.service, replica: options.replica };
  }

  /** Where it answers HTTP; undefined before it did for the first time. */
  get url(): string | undefined {
    return this.#url;
  }

  command(): Promise<Command> {
    const { service, entry, env, portVariable } = this.#options;
    const { words, env: own } = programCommand(service, entry);
    return Promise.resolve({ program: process.execPath, words, env: { ...own, ...env, [portVariable]: String(this.#port) }, listens: true });
  }

  line(text: string): void {
    this.#options.log.take(this.origin, text);
  }

  async whenReady(child: ChildProcess, log: Log, signal: AbortSignal): Promise<void> {
    const report = await firstReport(child, signal);
    if ('failed' in report) throw this.#failure(fromErrorBody(report.failed));
    const { url } = report.started;
    if (url === undefined) return;
    this.#url = url;
    this.#port = Number(new URL(url).port);
    await untilReady(url, log, signal);
  }

  cannotRun(failure: string): SoukError {
    return new SoukError('BAD_CONFIG', `${process.execPath} cannot be run (${failure}).`, { hint: 'Node itself is missing or the machine has no room for one more process.' });
  }

  #failure(error: SoukError): SoukError {
    // Only a port that was asked for may keep it from starting; another one than last time will do as well.
    if (error.code === 'PORT_IN_USE') this.#port = this.#options.port;
    if (error.details?.['natsUser'] === undefined) return error;
    const variable = passwordVariable(this.#options.service);
    return new SoukError(error.code, error.message, { hint: `Set ${variable} to the password that the NATS server has for that user, and start again.`, details: error.details });
  }
}

function firstReport(child: ChildProcess, signal: AbortSignal): Promise<ProcessReport> {
  return new Promise((resolve, reject) => {
    child.on('message', (message) => {
      const report = ProcessReport.safeParse(message);
      if (report.success) resolve(report.data);
    });
    signal.addEventListener('abort', () => reject(new Error('it ended')), { once: true });
  });
}

async function untilReady(url: string, log: Log, signal: AbortSignal): Promise<void> {
  const began = performance.now();
  let said: string | undefined;
  for (let wait = firstPollMs; ; wait = Math.min(wait * 1.5, longestPollMs)) {
    const why = await unreadiness(url, signal);
    if (why === undefined) return;
    if (why !== said && performance.now() - began > patienceMs) {
      said = why;
      log.warn('not ready yet', { why });
    }
    await pause(wait, undefined, { signal });
  }
}

/** Why a service is not ready; undefined when it is. */
async function unreadiness(url: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const response = await fetch(new URL('/readyz', url), { signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]) });
    const body: unknown = await response.json();
    if (response.ok) return undefined;
    const { data } = Unready.safeParse(body);
    return data?.details.unmet.map(({ name, reason }) => (reason === undefined ? name : `${name}: ${reason}`)).join('; ') ?? `it answers ${response.status}`;
  } catch {
    return 'it does not answer';
  }
}
