import type { ProcessReport } from '@souk/contracts';
import { isSoukError, toErrorBody } from '@souk/domain';
import { processEnvironment } from '../config/environment.ts';
import type { Environment } from '../config/load-config.ts';

/** What a main program needs of its process. */
export interface MainProcess {
  readonly env: Environment;
  /** Writes to standard error. */
  write(text: string): void;
  exit(code: number): void;
  onSignal(signal: 'SIGINT' | 'SIGTERM', react: () => void): void;
  onCrash(react: (error: unknown) => void): void;
  /** Tells whoever started this process, if that keeps a channel open. Resolves when it is sent, with whether it was. */
  tell(report: ProcessReport): Promise<boolean>;
  /** Reacts when whoever started this process, and kept a channel open, is gone. */
  onOrphaned(react: () => void): void;
}

/** Something that runs until it is closed. */
export interface Running {
  /** Where it answers HTTP, if it does. */
  readonly url?: string;
  close(): Promise<void>;
}

const bugExit = 70;
const interruptedExit = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs a service until SIGTERM or SIGINT, or until whoever started it over a channel is gone, then closes it and exits 0; a second
 * signal exits at once. What it cannot start with is told over the channel, else printed for people, and exits with the code of the
 * error table: 78 for settings, 7 for a port in use, 70 for a bug. A start that may take long gives up when its signal aborts.
 */
export async function runMain(start: (env: Environment, stopping: AbortSignal) => Promise<Running>, main: MainProcess = thisProcess()): Promise<void> {
  main.onCrash((error) => fail(main, error));
  let started: Promise<Running> | undefined;
  const stopping = new AbortController();
  const stop = async (signal: 'SIGINT' | 'SIGTERM'): Promise<void> => {
    if (stopping.signal.aborted) return main.exit(interruptedExit[signal]);
    stopping.abort();
    try {
      const service = await started;
      await service?.close();
      main.exit(0);
    } catch (error) {
      fail(main, error);
    }
  };
  main.onSignal('SIGINT', () => void stop('SIGINT'));
  main.onSignal('SIGTERM', () => void stop('SIGTERM'));
  main.onOrphaned(() => {
    if (!stopping.signal.aborted) void stop('SIGTERM');
  });
  try {
    // An async function, so that what a start throws at once is a rejection too.
    started = (async () => start(main.env, stopping.signal))();
    const { url } = await started;
    await main.tell({ started: url === undefined ? {} : { url } });
  } catch (error) {
    if (stopping.signal.aborted) return;
    const isTold = await main.tell({ failed: toErrorBody(error) });
    if (isTold && isSoukError(error)) return main.exit(error.entry.exit);
    fail(main, error);
  }
}

function fail(main: MainProcess, error: unknown): void {
  if (isSoukError(error)) {
    main.write(`${error.message}\n${error.hint ? `${error.hint}\n` : ''}`);
    main.exit(error.entry.exit);
    return;
  }
  main.write(`Souk has a bug: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  main.exit(bugExit);
}

function thisProcess(): MainProcess {
  return {
    env: processEnvironment(),
    write: (text) => void process.stderr.write(text),
    exit: (code) => process.exit(code),
    onSignal: (signal, react) => void process.on(signal, react),
    onCrash: (react) => void process.on('uncaughtException', react),
    tell: (report) => new Promise((resolve) => (process.send ? process.send(report, (error: Error | null) => resolve(error === null)) : resolve(false))),
    onOrphaned: (react) => {
      process.once('disconnect', react);
      // Only an open channel is watched; it keeps no process alive.
      process.channel?.unref();
    },
  };
}
