import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programCommand } from '@souk/nest';
import { peerProgram } from '../parts/places.ts';
import { until } from '../parts/until.ts';
import type { Bench } from '../runner/bench.ts';

/** What a process takes, in MiB: its share (PSS, pages that several processes map count by parts) and all that it maps (RSS). */
export interface Taken {
  readonly pss: number;
  readonly rss: number;
}

/** A peer as it runs in production, bundled, in a process of its own; without the other services of a site. */
export class PeerProgram {
  readonly #child: ChildProcess;
  /** Where others find it. */
  readonly address: string;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.address = `/ip4/127.0.0.1/tcp/${port}`;
  }

  /** Starts a full peer of the open network over a data folder and waits until it listens; it ends with the run at the latest. */
  static async start(bench: Bench, folder: string, contacts: readonly string[]): Promise<PeerProgram> {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SOUK_')));
    const own = { SOUK_DATA: folder, SOUK_NETWORK: 'open', SOUK_P2P_HOST: '127.0.0.1', SOUK_LOG_LEVEL: 'error', SOUK_SITE_SECRET: 'of a site without other services', ...(contacts.length > 0 ? { SOUK_BOOTSTRAP: contacts.join(',') } : {}) };
    const command = programCommand('peer', peerProgram);
    const child = spawn(process.execPath, command.words, { env: { ...command.env, ...env, ...own }, stdio: ['ignore', 'ignore', 'inherit'] });
    bench.atEnd(async () => void child.kill('SIGKILL'));
    let port: number | undefined;
    await until(async () => {
      bench.signal.throwIfAborted();
      if (child.exitCode !== null) throw new Error(`a peer ended with ${child.exitCode}`);
      port = await portIn(folder);
      return port !== undefined;
    });
    return new PeerProgram(child, port as number);
  }

  async taken(): Promise<Taken> {
    const rollup = await readFile(`/proc/${this.#child.pid}/smaps_rollup`, 'utf8');
    const mib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1]) / 1024;
    return { pss: mib('Pss'), rss: mib('Rss') };
  }

  /** Ends it. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}

/** The port that a peer wrote down when it listened; undefined before. */
async function portIn(folder: string): Promise<number | undefined> {
  const text = await readFile(join(folder, 'network.json'), 'utf8').catch(() => '{}');
  return (JSON.parse(text) as { port?: number }).port;
}
