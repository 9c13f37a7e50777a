import { isSoukError } from '@souk/domain';
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
}

const bugExit = 70;
const interruptedExit = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs a service until SIGTERM or SIGINT, then closes it and exits 0; a second signal exits at once. What it cannot start with is
 * printed for people and exits with the code of the error table: 78 for settings, 7 for a port in use, 70 for a bug.
 */
export async function runMain(start: (env: Environment) => Promise<{ close(): Promise<void> }>, main: MainProcess = thisProcess()): Promise<void> {
  main.onCrash((error) => fail(main, error));
  let started: Promise<{ close(): Promise<void> }> | undefined;
  let stopping = false;
  const stop = async (signal: 'SIGINT' | 'SIGTERM'): Promise<void> => {
    if (stopping) return main.exit(interruptedExit[signal]);
    stopping = true;
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
  try {
    // An async function, so that what a start throws at once is a rejection too.
    started = (async () => start(main.env))();
    await started;
  } catch (error) {
    if (!stopping) fail(main, error);
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
  };
}
