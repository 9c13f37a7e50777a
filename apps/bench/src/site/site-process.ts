import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { natsProgram } from '@souk/testing/nats-server';
import type { Bench } from '../runner/bench.ts';
import { servicesProgram, siteProgram } from '../parts/places.ts';
import { SiteClient } from './site-client.ts';

/** A site that runs as a process of its own. */
export interface SiteProcess {
  readonly url: string;
  readonly invite: string;
  readonly pid: number;
  readonly client: SiteClient;
  /** Has it stop gracefully and waits until it is gone. */
  stop(): Promise<void>;
  /** Ends it as a crash would: kill -9. */
  kill(): Promise<void>;
}

/** How a site is started. */
export interface SiteOptions {
  /** Its data folder. */
  readonly data: string;
  /** The invite of a network to join. */
  readonly join?: string;
  /** Whether each service is a process of its own, over a nats-server, instead of all in one. */
  readonly services?: boolean;
  /** How many peers a site of services has, and how many of them acknowledge; one unless given. */
  readonly several?: { readonly peers: number; readonly copies: number };
  /** Further settings, as variables of its environment. */
  readonly settings?: Readonly<Record<string, string>>;
}

const stopMs = 15_000;

function start({ data, join, services = false, several, settings = {} }: SiteOptions): ChildProcess {
  // Nothing of the caller's own Souk may leak in.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SOUK_')));
  const own = { SOUK_DATA: data, SOUK_PORT: '0', SOUK_P2P_HOST: '127.0.0.1', SOUK_P2P_PORT: '0', SOUK_ANNOUNCE: 'json', ...(join === undefined ? {} : { SOUK_JOIN: join }), ...(services ? { SOUK_NATS_SERVER: natsProgram() ?? 'nats-server', SOUK_LOG_LEVEL: 'warn' } : {}), ...(several ? { SOUK_COPIES: String(several.copies) } : {}), ...settings };
  const child = spawn(process.execPath, [services ? servicesProgram : siteProgram().script, ...(several ? ['--peers', String(several.peers)] : [])], { env: { ...env, ...own }, stdio: ['ignore', 'pipe', 'pipe'] });
  // Whatever ends this process, no site may outlive it.
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  return child;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
  await gone.finally(() => clearTimeout(timer));
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** Resolves with the line that says how a site is reached. Throws what the site said instead. */
async function firstLine(child: ChildProcess): Promise<{ url: string; invite: string }> {
  let complaints = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-2000);
  });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const line = await new Promise<string | undefined>((resolve, reject) => {
    lines.once('line', resolve).once('close', () => resolve(undefined));
    child.once('error', reject);
  });
  const said = line === undefined ? undefined : (JSON.parse(line) as { url?: string; invite?: string; message?: string });
  if (said?.url !== undefined && said.invite !== undefined) return { url: said.url, invite: said.invite };
  throw new Error(`the site did not start: ${said?.message ?? complaints.trim()}`);
}

/** Starts a site on free ports of loopback and waits until it is ready. It ends with the run at the latest. */
export async function startSite(bench: Bench, options: SiteOptions): Promise<SiteProcess> {
  const child = start(options);
  bench.atEnd(() => stop(child));
  try {
    const { url, invite } = await firstLine(child);
    return { url, invite, pid: child.pid ?? 0, client: new SiteClient(url), stop: () => stop(child), kill: () => kill(child) };
  } catch (error) {
    await stop(child);
    throw error;
  }
}
