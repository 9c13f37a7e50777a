import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** How a program is run. */
export interface ProgramOptions {
  readonly cwd?: string;
  /** Beside this process's own environment, without anything about Souk in it. */
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Runs a program to its end and answers what it printed. Throws when it exits with another code than 0. */
export async function runProgram(program: string, words: readonly string[], { cwd, env = {}, signal }: ProgramOptions = {}): Promise<string> {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SOUK_')));
  const child = spawn(program, words, { cwd, env: { ...inherited, ...env }, signal, stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = new Promise<number | string>((resolve, reject) => child.once('error', reject).once('close', (code, killed) => resolve(code ?? killed ?? 1)));
  const [out, complaints, code] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  if (code !== 0) throw new Error(`${program} ${words.slice(0, 3).join(' ')} ended with ${code}: ${(complaints || out).trim().slice(-500)}`);
  return out;
}

/** A bare Node process, the least that any program here can cost. */
export async function bareNode(): Promise<void> {
  await runProgram(process.execPath, ['-e', '0']);
}
