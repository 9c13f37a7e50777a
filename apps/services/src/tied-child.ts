import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A program, its words and its whole environment. */
export interface Command {
  readonly program: string;
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Whether the program listens on an IPC channel, and so ends by itself when this process is gone. */
  readonly listens: boolean;
}

/** How a process ended. */
export interface Exit {
  readonly exitCode?: number;
  readonly signal?: string;
  /** Why it could not even be started, e.g. ENOENT. */
  readonly failure?: string;
}

const alive = new Set<ChildProcess>();
let isReaping = false;

/**
 * Starts a process that does not outlive this one: killed when this one exits; and when this one is killed a program that listens
 * ends by itself, any other is ended by a shell that waits for that. It is in a group of its own, so that Ctrl-C on the terminal
 * reaches this process alone, which ends the others in order.
 */
export function tiedChild({ program, words, env, listens }: Command): ChildProcess {
  if (!isReaping) process.on('exit', () => alive.forEach((child) => child.kill('SIGKILL')));
  isReaping = true;
  const child = spawn(program, words, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe', ...(listens ? ['ipc' as const] : [])] });
  alive.add(child);
  child.once('exit', () => alive.delete(child)).once('error', () => alive.delete(child));
  if (!listens && child.pid !== undefined) guard(child, child.pid);
  return child;
}

/** Has a shell end a process as soon as this one, which holds the other end of its standard input, is gone. */
function guard(child: ChildProcess, pid: number): void {
  const shell = spawn('/bin/sh', ['-c', `read gone; kill -TERM ${pid}`], { env: {}, detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  shell.on('error', () => {});
  child.once('exit', () => shell.kill('SIGKILL'));
}

/** Resolves when a process has ended and all that it wrote and reported has been read. */
export async function endOf(child: ChildProcess): Promise<Exit> {
  const failed = new Promise<Exit>((resolve) => child.once('error', (error) => resolve({ failure: 'code' in error ? String(error.code) : error.message })));
  const disconnected = child.connected ? once(child, 'disconnect') : undefined;
  const closed = once(child, 'close') as Promise<[number | null, string | null]>;
  closed.catch(() => {});
  disconnected?.catch(() => {});
  const ended = closed.then(async ([code, signal]) => {
    await disconnected;
    return { ...(code === null ? {} : { exitCode: code }), ...(signal === null ? {} : { signal }) };
  });
  ended.catch(() => {});
  return Promise.race([failed, ended]);
}
