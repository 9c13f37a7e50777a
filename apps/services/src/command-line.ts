import { parseArgs } from 'node:util';
import { SoukError } from '@souk/domain';

/** What was said on the command line. */
export interface CommandLine {
  /** Processes of each service that keeps nothing: search, install, reputation, gateway. */
  readonly replicas: number;
  /** Whether the log is JSON lines on a terminal too. */
  readonly jsonLog: boolean;
  readonly help: boolean;
}

const mostReplicas = 16;

/** How the command is used. */
export const usage = `npm run services -- [--replicas N] [--json-log]

Runs a site as one process per service, over NATS.

  --replicas N   processes of search, install, reputation and gateway each, 1 to ${mostReplicas} (default 1)
  --json-log     log JSON lines also on a terminal
`;

/** Reads the words of the command line. Throws BAD_REQUEST. */
export function parseCommandLine(words: readonly string[]): CommandLine {
  const { replicas = '1', 'json-log': jsonLog = false, help = false } = valuesOf(words);
  const count = Number(replicas);
  if (!/^\d+$/.test(replicas) || count < 1 || count > mostReplicas) throw wrong(`--replicas is a number from 1 to ${mostReplicas}, not "${replicas.slice(0, 40)}".`);
  return { replicas: count, jsonLog, help };
}

function valuesOf(words: readonly string[]): { replicas?: string; 'json-log'?: boolean; help?: boolean } {
  try {
    return parseArgs({ args: [...words], options: { replicas: { type: 'string' }, 'json-log': { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } }).values;
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
}

function wrong(message: string): SoukError {
  return new SoukError('BAD_REQUEST', message, { hint: 'npm run services -- --help shows what there is.' });
}
