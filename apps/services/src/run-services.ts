import { fileURLToPath } from 'node:url';
import type { ServiceName } from '@souk/contracts';
import { announced, type Environment, type LogLevel } from '@souk/nest';
import { parseCommandLine } from './command-line.ts';
import { ProcessLog } from './process-log.ts';
import { startServices, type RunningServices } from './services.ts';
import { loadServicesSettings } from './settings.ts';

/** What `npm run services` needs of its process. */
export interface ServicesHost {
  readonly env: Environment;
  readonly words: readonly string[];
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Whether standard error is a terminal, and one with colors. */
  readonly terminal: 'none' | 'plain' | 'color';
}

/** The bundled programs lie beside this one. */
const bundled = (service: ServiceName): string => fileURLToPath(new URL(`./${service}.mjs`, import.meta.url));

/**
 * Starts the services of a site and says on standard output how it is reached; standard error gets the one log of all of them, for
 * people on a terminal, else as JSON lines. Throws what it could not start with.
 */
export function runServices({ env, words, stdout, stderr, terminal }: ServicesHost, signal: AbortSignal): Promise<RunningServices> {
  return announced(env, stdout, async () => {
    const { replicas, peers, jsonLog } = parseCommandLine(words);
    const settings = loadServicesSettings(env, peers);
    const format = jsonLog || terminal === 'none' ? 'json' : terminal === 'plain' ? 'text' : 'color';
    const isNumbered = replicas > 1 || settings.peers.length > 1;
    const log = new ProcessLog({ write: stderr, format, isNumbered, level: settings.gateway.logLevel satisfies LogLevel, width: isNumbered ? 'reputation/0'.length : 'reputation'.length });
    const given = Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
    return startServices({ settings, replicas, entryOf: bundled, env: given, log }, signal);
  });
}
