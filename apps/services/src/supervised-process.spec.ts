import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { SoukError } from '@souk/domain';
import { ProcessLog } from './process-log.ts';
import { SupervisedProcess, type Program } from './supervised-process.ts';

interface Line {
  readonly msg: string;
  readonly pid?: number;
  readonly signal?: string;
  readonly againInMs?: number;
}

/** A log that is waited for. */
class Lines {
  readonly all: Line[] = [];
  #changed = Promise.withResolvers<void>();
  readonly log = new ProcessLog({ write: (text) => this.#add(text), format: 'json', level: 'info', width: 1, isNumbered: false });

  async until(isDone: (lines: readonly Line[]) => boolean): Promise<void> {
    while (!isDone(this.all)) await this.#changed.promise;
  }

  saying(msg: string): Line[] {
    return this.all.filter((line) => line.msg === msg);
  }

  #add(text: string): void {
    this.all.push(JSON.parse(text) as Line);
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

/** A program of Node that is ready when it says so. */
function program(lines: Lines, source: string, rest: Partial<Program> = {}): Program {
  let said = Promise.withResolvers<void>();
  return {
    origin: { service: 'spec', replica: 0 },
    command: () => {
      said = Promise.withResolvers();
      return Promise.resolve({ program: process.execPath, words: ['-e', source], env: {}, listens: false });
    },
    whenReady: (_child: ChildProcess, _log, signal) => Promise.race([said.promise, once(signal, 'abort').then(() => Promise.reject(new Error('over')))]),
    line: (text) => (text === 'ready' ? said.resolve() : lines.log.take({ service: 'spec', replica: 0 }, text)),
    cannotRun: (failure) => new SoukError('BAD_CONFIG', `cannot be run (${failure})`),
    ...rest,
  };
}

const orphans: number[] = [];
afterEach(() => orphans.splice(0).forEach((pid) => process.kill(pid, 'SIGKILL')));

const live = "console.log('ready'); setInterval(() => {}, 1000);";
const ended = 'ended by itself; it is started again';

test('a process that is killed is said to have ended and started again; asked to stop it is not', async () => {
  const lines = new Lines();
  const process_ = new SupervisedProcess(program(lines, live), lines.log);
  await process_.ready;
  process.kill(lines.saying('process started')[0]?.pid ?? 0, 'SIGKILL');
  await lines.until(() => lines.saying('ready').length === 2);
  expect(lines.saying(ended)).toMatchObject([{ level: 'error', signal: 'SIGKILL', againInMs: 100 }]);
  await process_.stop();
  expect(lines.saying('process started')).toHaveLength(2);
});

test('what it reports instead of being ready for the first time is the end of it', async () => {
  const lines = new Lines();
  const refusal = new SoukError('PORT_IN_USE', 'Port 1 is in use.');
  const process_ = new SupervisedProcess(program(lines, '', { whenReady: () => Promise.reject(refusal) }), lines.log);
  await expect(process_.ready).rejects.toBe(refusal);
  expect([lines.saying('process started').length, lines.saying(ended)]).toEqual([1, []]);
  await process_.stop();
});

test('whoever ends five times without a word before it was ready is given up', async () => {
  const lines = new Lines();
  const process_ = new SupervisedProcess(program(lines, "console.error('boom')"), lines.log);
  await expect(process_.ready).rejects.toMatchObject({ code: 'UNAVAILABLE', message: 'spec/0 ended 5 times before it was ready.' });
  expect(lines.saying(ended).map(({ againInMs }) => againInMs)).toEqual([100, 200, 400, 800]);
  expect(lines.saying('boom')).toHaveLength(5);
});

test('a program that is not there', async () => {
  const lines = new Lines();
  const command = () => Promise.resolve({ program: '/nowhere/nats-server', words: [], env: {}, listens: false });
  await expect(new SupervisedProcess(program(lines, '', { command }), lines.log).ready).rejects.toMatchObject({ code: 'BAD_CONFIG', message: 'cannot be run (ENOENT)' });
});

test('who does not stop in time is killed, and that is said', async () => {
  const lines = new Lines();
  const process_ = new SupervisedProcess(program(lines, `process.on('SIGTERM', () => {}); ${live}`), lines.log, 1);
  await process_.ready;
  await process_.stop();
  expect(lines.saying('killed because it did not stop in time')).toHaveLength(1);
});

test('stopped between two lives it is not started again', async () => {
  const lines = new Lines();
  const process_ = new SupervisedProcess(program(lines, ''), lines.log);
  await lines.until(() => lines.saying(ended).length === 1);
  await process_.stop();
  expect(lines.saying('process started')).toHaveLength(1);
});

/** A process that lives as long as its connection to the spec, which says its id first. */
const connected = (port: number): string => `const wire = require('node:net').connect(${port}, '127.0.0.1', () => wire.write(String(process.pid)));`;

test.each([false, true])('a process does not outlive the one that started it when that is killed; it listens: %s', async (listens) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const source = `${connected((server.address() as AddressInfo).port)}${listens ? "process.on('disconnect', () => process.exit());" : ''}`;
  const starter = `import { tiedChild } from '${new URL('./tied-child.ts', import.meta.url).href}';
    tiedChild({ program: process.execPath, words: ['-e', ${JSON.stringify(source)}], env: {}, listens: ${listens} });`;
  const parent = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', starter], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [wire] = (await once(server, 'connection')) as [Socket];
  const [pid] = (await once(wire, 'data')) as [Buffer];
  orphans.push(Number(pid));
  parent.kill('SIGKILL');
  await once(wire, 'close');
  orphans.pop();
  server.close();
});

test('a process does not outlive the one that started it when that exits in a hurry, whatever signals it is deaf to', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const source = `process.on('SIGTERM', () => {}); ${connected((server.address() as AddressInfo).port)}`;
  const starter = `import { tiedChild } from '${new URL('./tied-child.ts', import.meta.url).href}';
    tiedChild({ program: process.execPath, words: ['-e', ${JSON.stringify(source)}], env: {}, listens: false });
    process.stdin.on('end', () => process.exit()).resume();`;
  const parent = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', starter], { stdio: ['pipe', 'ignore', 'inherit'] });
  const [wire] = (await once(server, 'connection')) as [Socket];
  const [pid] = (await once(wire, 'data')) as [Buffer];
  orphans.push(Number(pid));
  parent.stdin.end();
  await once(wire, 'close');
  orphans.pop();
  server.close();
});
