import { parseArgs } from 'node:util';
import { SoukError } from '@souk/domain';

/** What was said on the command line. */
export interface CommandLine {
  /** Processes of each service that keeps nothing: search, install, reputation, gateway. */
  readonly replicas: number;
  /** Peers of the site: one primary and its replicas; undefined when it was not said. */
  readonly peers?: number;
  /** Whether the log is JSON lines on a terminal too. */
  readonly jsonLog: boolean;
  readonly help: boolean;
}

const most = 16;

/** How the command is used. */
export const usage = `npm run services -- [--replicas N] [--peers N] [--json-log]

Runs a site as one process per service, over NATS.

  --replicas N   processes of search, install, reputation and gateway each, 1 to ${most} (default 1)
  --peers N      peers of the site, 1 to ${most} (default SOUK_PEERS, else 1); the others keep their data beside SOUK_DATA
  --json-log     log JSON lines also on a terminal
`;

/** Reads the words of the command line. Throws BAD_REQUEST. */
export function parseCommandLine(words: readonly string[]): CommandLine {
  const { replicas = '1', peers, 'json-log': jsonLog = false, help = false } = valuesOf(words);
  return { replicas: countOf('--replicas', replicas), ...(peers === undefined ? {} : { peers: countOf('--peers', peers) }), jsonLog, help };
}

function countOf(option: string, text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > most) throw wrong(`${option} is a number from 1 to ${most}, not "${text.slice(0, 40)}".`);
  return count;
}

function valuesOf(words: readonly string[]): { replicas?: string; peers?: string; 'json-log'?: boolean; help?: boolean } {
  try {
    return parseArgs({ args: [...words], options: { replicas: { type: 'string' }, peers: { type: 'string' }, 'json-log': { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } }).values;
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
}

function wrong(message: string): SoukError {
  return new SoukError('BAD_REQUEST', message, { hint: 'npm run services -- --help shows what there is.' });
}
