import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { found, isSoukError, keyId, signerOf, type CheckStep } from '@souk/domain';
import { examineKeyFiles, openKeyStore } from '@souk/store';
import type { Context } from '../context.ts';
import { ifPresent, onDisk } from '../home/on-disk.ts';
import { openOwnLog, type OwnLog } from '../home/own-log.ts';
import { runsSites } from '../site/require-node.ts';

/** Records that are read at a time; the last one of a page is the first one of the next. */
const page = 500;

/** Node, and the user's own keys and logs. */
export async function* checkMachine({ host, home }: Context, fix: boolean): AsyncGenerator<CheckStep> {
  if (!runsSites(host.nodeVersion)) {
    yield found({ check: 'node', level: 'problem', what: `This Node is ${host.nodeVersion}: too old to run a site or to look into its data.`, why: 'It does not bring SQLite along.', todo: 'Install Node 24: npm i -g node@24' });
  }
  yield { type: 'checked', check: 'node', done: 1 };
  if ((await onDisk(`Reading ${home.keys}`, () => ifPresent(() => stat(home.keys)))) === undefined) return;
  let isOpen = true;
  for await (const step of examineKeyFiles(home.keys, fix)) {
    if (step.type === 'finding' && !step.finding.fixed) isOpen = false;
    yield step.type === 'finding' ? found({ ...step.finding, check: 'home' }) : step;
  }
  if (isOpen) yield* checkOwnLogs(home);
}

/** The logs of the user's keys: every record is verified while they are read. */
async function* checkOwnLogs(home: Context['home']): AsyncGenerator<CheckStep> {
  const keys = await openKeyStore(home.keys);
  let records = 0;
  for (const name of await keys.list()) {
    const seed = await keys.get(name);
    try {
      if (seed) records += await readAll(await openOwnLog(home.logs, keyId(signerOf(seed).publicKey)));
    } catch (error) {
      if (!isSoukError(error)) throw error;
      yield found({ check: 'home', level: 'problem', what: error.message, todo: error.hint });
    }
  }
  yield { type: 'checked', check: 'home', done: records };
}

/** Reads a log to its end, which verifies each record and that it stands on the one before; answers how many there are. */
async function readAll(log: OwnLog): Promise<number> {
  for (let from = 0; from < log.length; from += page - 1) await log.read(from, page);
  return log.length;
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

async function rememberedPort(folder: string): Promise<number | undefined> {
  const text = await ifPresent(() => readFile(join(folder, 'network.json'), 'utf8'));
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null && 'port' in value && typeof value.port === 'number' ? value.port : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the ports of a stopped site are free: that of its HTTP API, and the one where other peers remember it. */
export async function* checkPorts({ host }: Context, folder: string, api: URL): AsyncGenerator<CheckStep> {
  const apiPort = Number(host.env['SOUK_PORT'] || api.port || 80);
  if (apiPort > 0 && !(await isFree(apiPort, '127.0.0.1'))) {
    yield found({ check: 'ports', level: 'problem', what: `Port ${apiPort} of this machine is in use, and no site answers there.`, why: 'A site that is started here would end with PORT_IN_USE.', todo: 'Stop the other program, or start the site with another --port.' });
  }
  const peerPort = await rememberedPort(folder);
  if (peerPort !== undefined && !(await isFree(peerPort, '0.0.0.0'))) {
    yield found({ check: 'ports', level: 'note', what: `Port ${peerPort}, on which other peers remember this one, is in use.`, why: 'The site would take another one, and older invites would not lead to it.', todo: 'Stop the other program before the site is started.' });
  }
  yield { type: 'checked', check: 'ports', done: peerPort === undefined ? 1 : 2 };
}
