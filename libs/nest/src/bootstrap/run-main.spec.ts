import { afterEach, expect, test } from '@jest/globals';
import type { ProcessReport } from '@souk/contracts';
import { SoukError } from '@souk/domain';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { z } from 'zod';
import { loadConfig } from '../config/load-config.ts';
import { runMain, type MainProcess } from './run-main.ts';

/** A process that notes what is done to it. */
class FakeProcess implements MainProcess {
  readonly env = { SOUK_PORT: '99999', SOUK_PROT: '1' };
  text = '';
  readonly exits: number[] = [];
  readonly signals = new Map<string, () => void>();
  readonly exited = Promise.withResolvers<void>();
  crash: (error: unknown) => void = () => {};
  orphan: () => void = () => {};
  /** What was told; undefined where nobody listens. */
  told: ProcessReport[] | undefined;

  write(text: string): void {
    this.text += text;
  }

  exit(code: number): void {
    this.exits.push(code);
    this.exited.resolve();
  }

  onSignal(signal: string, react: () => void): void {
    this.signals.set(signal, react);
  }

  onCrash(react: (error: unknown) => void): void {
    this.crash = react;
  }

  tell(report: ProcessReport): Promise<boolean> {
    this.told?.push(report);
    return Promise.resolve(this.told !== undefined);
  }

  onOrphaned(react: () => void): void {
    this.orphan = react;
  }
}

test('settings that cannot be used are printed, all of them, and exit with 78', async () => {
  const main = new FakeProcess();
  const config = { port: { env: 'SOUK_PORT', schema: z.coerce.number().max(65_535, 'expected at most 65535'), help: 'Port.' } };
  await runMain((env) => Promise.resolve(loadConfig(config, env)).then(() => ({ close: () => Promise.resolve() })), main);
  expect(main.exits).toEqual([78]);
  expect(main.text).toBe(
    '2 settings cannot be used:\n  SOUK_PORT="99999": expected at most 65535\n  SOUK_PROT: there is no such setting. Did you mean SOUK_PORT?\nCorrect these environment variables and start again.\n',
  );
});

test.each([
  [new SoukError('PORT_IN_USE', 'Port 1 is in use.', { hint: 'Choose another one.' }), 7, 'Port 1 is in use.\nChoose another one.\n'],
  [new TypeError('x is not a function'), 70, 'Souk has a bug: TypeError: x is not a function\n'],
])('%s has its exit code', async (error, code, text) => {
  const main = new FakeProcess();
  await runMain(() => Promise.reject(error), main);
  expect(main.exits).toEqual([code]);
  expect(main.text.startsWith(text)).toBe(true);
});

test('whoever keeps a channel open is told where the service answers, or why it does not start, and then nothing is printed', async () => {
  const main = new FakeProcess();
  main.told = [];
  await runMain(() => Promise.resolve({ url: 'http://127.0.0.1:1', close: () => Promise.resolve() }), main);
  expect(main.told).toEqual([{ started: { url: 'http://127.0.0.1:1' } }]);
  const refused = new FakeProcess();
  refused.told = [];
  await runMain(() => Promise.reject(new SoukError('PORT_IN_USE', 'Port 1 is in use.', { hint: 'Choose another one.' })), refused);
  expect([refused.told, refused.exits, refused.text]).toEqual([[{ failed: { code: 'PORT_IN_USE', message: 'Port 1 is in use.', hint: 'Choose another one.' } }], [7], '']);
  const broken = new FakeProcess();
  broken.told = [];
  await runMain(() => Promise.reject(new TypeError('x is not a function')), broken);
  expect([broken.told, broken.exits, broken.text]).toEqual([[{ failed: expect.objectContaining({ code: 'INTERNAL' }) }], [70], expect.stringContaining('x is not a function')]);
});

test('a start that takes long learns that it is to stop', async () => {
  const main = new FakeProcess();
  const ran = runMain((_env, stopping) => new Promise((_resolve, reject) => stopping.addEventListener('abort', () => reject(new SoukError('CANCELLED', 'Interrupted.')))), main);
  main.signals.get('SIGINT')?.();
  await ran;
  await main.exited.promise;
  expect(main.exits).toEqual([130]);
});

test('a signal closes the service and exits with 0', async () => {
  const main = new FakeProcess();
  const done: string[] = [];
  await runMain(() => Promise.resolve({ close: () => Promise.resolve(void done.push('closed')) }), main);
  expect(main.exits).toEqual([]);
  main.signals.get('SIGTERM')?.();
  await main.exited.promise;
  expect([done, main.exits]).toEqual([['closed'], [0]]);
});

test('a second signal exits at once', async () => {
  const main = new FakeProcess();
  await runMain(() => Promise.resolve({ close: () => new Promise<void>(() => {}) }), main);
  main.signals.get('SIGINT')?.();
  expect(main.exits).toEqual([]);
  main.signals.get('SIGINT')?.();
  expect(main.exits).toEqual([130]);
});

test('a signal during the start closes what was started', async () => {
  const main = new FakeProcess();
  const gate = Promise.withResolvers<void>();
  const done: string[] = [];
  const ran = runMain(() => gate.promise.then(() => ({ close: () => Promise.resolve(void done.push('closed')) })), main);
  main.signals.get('SIGINT')?.();
  gate.resolve();
  await ran;
  await main.exited.promise;
  expect([done, main.exits]).toEqual([['closed'], [0]]);
});

test('a crash is printed as a bug and exits with 70; so does a close that fails', async () => {
  const main = new FakeProcess();
  await runMain(() => Promise.resolve({ close: () => Promise.reject(new Error('stuck')) }), main);
  main.crash(new Error('out of the blue'));
  expect([main.exits, main.text]).toEqual([[70], expect.stringContaining('out of the blue')]);
  const other = new FakeProcess();
  await runMain(() => Promise.resolve({ close: () => Promise.reject(new Error('stuck')) }), other);
  other.signals.get('SIGTERM')?.();
  await other.exited.promise;
  expect([other.exits, other.text]).toEqual([[70], expect.stringContaining('stuck')]);
});

test('whoever is orphaned closes, once', async () => {
  const main = new FakeProcess();
  let closes = 0;
  await runMain(() => Promise.resolve({ close: () => Promise.resolve(void (closes += 1)) }), main);
  main.orphan();
  main.orphan();
  await main.exited.promise;
  expect([closes, main.exits]).toEqual([1, [0]]);
});

/** A real process that runs a service which says when it is up and when it closes. */
function realProcess(close: string): ChildProcess {
  const main = new URL('./run-main.ts', import.meta.url).href;
  const program = `import { runMain } from '${main}';
    const alive = setInterval(() => {}, 1000);
    await runMain(async () => ({ close: async () => { process.stdout.write('closing '); ${close} } }));
    process.stdout.write('up ');`;
  return spawn(process.execPath, ['--conditions=@souk/source', '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
}

test.each([
  ['is asked to end closes and exits with 0', 'clearInterval(alive);', ['SIGTERM'], 0],
  ['is interrupted twice exits at once', 'await new Promise(() => {});', ['SIGINT', 'SIGINT'], 130],
] as const)('a real process that %s', async (_what, close, signals, code) => {
  const child = realProcess(close);
  const words: string[] = [];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    words.push(...text.trim().split(' '));
    const signal = signals[words.length - 1];
    if (signal) child.kill(signal);
  });
  const [exit] = (await once(child, 'close')) as [number];
  expect([words, exit]).toEqual([['up', 'closing'], code]);
});

const orphans: number[] = [];
afterEach(() => orphans.splice(0).forEach((pid) => process.kill(pid, 'SIGKILL')));

test('a real process whose parent is killed closes', async () => {
  const main = new URL('./run-main.ts', import.meta.url).href;
  const program = `import { runMain } from '${main}';
    setInterval(() => {}, 1000);
    await runMain(async () => ({ close: async () => void process.stdout.write('closing') }));
    process.stdout.write(process.pid + ' ');`;
  const words = ['--conditions=@souk/source', '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program];
  const parent = `require('node:child_process').spawn(process.execPath, ${JSON.stringify(words)}, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });`;
  const child = spawn(process.execPath, ['-e', parent], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  await once(child.stdout, 'data');
  orphans.push(Number(said));
  child.kill('SIGKILL');
  await once(child.stdout, 'close');
  orphans.pop();
  expect(said).toMatch(/^\d+ closing$/);
});
