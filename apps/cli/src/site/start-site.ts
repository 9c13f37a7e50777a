import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { fromErrorBody, isSoukError, SoukError } from '@souk/domain';
import type { Host } from '../host.ts';

/** What a site says when it is ready. */
export const SiteReady = z.object({ url: z.string(), peerId: z.string(), multiaddrs: z.array(z.string()), invite: z.string() });
export type SiteReady = z.infer<typeof SiteReady>;

/** A site that runs as a process of its own. */
export interface RunningSite {
  readonly ready: SiteReady;
  /** Resolves when the site has stopped because it was told to; rejects when it ended by itself. */
  readonly ended: Promise<void>;
}

/**
 * Starts a site and waits until it is ready. It is asked to stop when the host's signal is aborted, and also when this process is killed.
 * Throws what the site says when it can't start (PORT_IN_USE, BAD_INVITE, STORAGE_LOCKED, ...), UNAVAILABLE when it ends without a word.
 */
export async function startSite(host: Host, entry: string, settings: Readonly<Record<string, string>>): Promise<RunningSite> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', entry], {
    env: { ...host.env, ...settings, SOUK_ANNOUNCE: 'json' },
    // The channel is how a site learns that this process is gone, however that went.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const remarks = remarksOf(child, host);
  const exit = exitOf(child);
  const stop = (): void => passOn(host, child);
  host.signal.addEventListener('abort', stop, { once: true });
  if (host.signal.aborted) stop();
  const word = await firstWord(child);
  if (word && !isSoukError(word)) {
    remarks.show();
    return { ready: word, ended: endOf(host, exit) };
  }
  child.kill('SIGTERM');
  const how = await exit;
  // A refusal that the site has put into words says it all; any other end needs what was written before it.
  if (word) throw word;
  remarks.show();
  throw host.signal.aborted ? new SoukError('CANCELLED', 'Interrupted before the site was ready.') : endedBy(how, 'before it was ready');
}

/** What the site writes for people: held back while it starts, then passed on. */
function remarksOf(child: ChildProcess, host: Host): { show(): void } {
  let held: string[] | undefined = [];
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (held ? held.push(text) : host.stderr.write(text)));
  return {
    show: () => {
      for (const text of held ?? []) host.stderr.write(text);
      held = undefined;
    },
  };
}

/** Passes the wish to stop on, unless the terminal has told the site already. */
function passOn(host: Host, child: ChildProcess): void {
  const reason: unknown = host.signal.reason;
  const signal = isSoukError(reason) ? reason.details?.['signal'] : undefined;
  if (signal !== 'SIGINT' || !host.interactive) child.kill('SIGTERM');
}

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly error?: Error;
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error }));
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}

/** The first line that means something: the site is ready, or says why it can't start. Undefined when it ends without either. */
async function firstWord(child: ChildProcess): Promise<SiteReady | SoukError | undefined> {
  for await (const line of child.stdout ? createInterface({ input: child.stdout }) : []) {
    const value = parse(line);
    const ready = SiteReady.safeParse(value);
    if (ready.success) {
      child.stdout?.resume();
      return ready.data;
    }
    if (typeof value === 'object' && value !== null && 'code' in value) return fromErrorBody(value);
  }
  return undefined;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function endedBy({ code, signal, error }: Exit, when: string): SoukError {
  const how = error ? `did not start: ${error.message}` : `ended ${when} (${signal ?? `exit code ${code}`})`;
  return new SoukError('UNAVAILABLE', `The site ${how}.`, { hint: 'What it wrote above says more.', cause: error });
}

async function endOf(host: Host, exit: Promise<Exit>): Promise<void> {
  const how = await exit;
  if (!host.signal.aborted && how.code !== 0) throw endedBy(how, 'by itself');
}
