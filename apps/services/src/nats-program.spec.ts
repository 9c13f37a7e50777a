import { existsSync, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { serviceNames, type ServiceName } from '@souk/contracts';
import { silentLog } from '@souk/nest';
import { NatsProgram } from './nats-program.ts';
import { ProcessLog } from './process-log.ts';
import type { Command } from './tied-child.ts';

const passwords = Object.fromEntries(serviceNames.map((name) => [name, `password of the ${name}`])) as Record<ServiceName, string>;
const fileOf = ({ words }: Command): string => words[words.indexOf('-c') + 1] ?? 'none';
const portOf = ({ words }: Command): string => words[words.indexOf('-p') + 1] ?? 'none';
const lines = (port: number): string[] => [`[7] 2026/01/02 03:04:05.006 [INF] Listening for client connections on 127.0.0.1:${port}`, '[7] 2026/01/02 03:04:05.006 [INF] Server is ready'];

function nats(): { program: NatsProgram; said: () => { level: string; msg: string }[]; ready: () => Promise<void> } {
  const written: string[] = [];
  const log = new ProcessLog({ write: (text) => written.push(text), format: 'json', level: 'info', width: 4, isNumbered: false });
  const program = new NatsProgram({ program: 'nats-server', passwords, env: {}, log });
  const ready = (): Promise<void> => program.whenReady({} as ChildProcess, silentLog, new AbortController().signal);
  return { program, said: () => written.map((line) => JSON.parse(line) as { level: string; msg: string }), ready };
}

test('passwords lie in a file for its owner alone, which is gone when the server is ready', async () => {
  const { program, ready } = nats();
  const command = await program.command();
  const file = fileOf(command);
  expect([statSync(file).mode & 0o777, statSync(dirname(file)).mode & 0o777]).toEqual([0o600, 0o700]);
  expect(command.words.join(' ')).not.toContain('password');
  lines(4_555).forEach((line) => program.line(line));
  await ready();
  expect(existsSync(dirname(file))).toBe(false);
});

test('it takes any port, and the same one when it is started again, whose file waits for that start', async () => {
  const { program, ready } = nats();
  expect(portOf(await program.command())).toBe('-1');
  lines(4_555).forEach((line) => program.line(line));
  await ready();
  expect(program.url).toBe('nats://127.0.0.1:4555');
  const again = await program.command();
  expect(portOf(again)).toBe('4555');
  const waiting = ready();
  // Time enough for a file to go that should stay.
  for (let look = 0; look < 50; look += 1) expect((await stat(fileOf(again))).isFile()).toBe(true);
  lines(4_555).forEach((line) => program.line(line));
  await waiting;
  expect(existsSync(fileOf(again))).toBe(false);
});

test('of what it says warnings and errors are worth a line', () => {
  const { program, said } = nats();
  for (const text of [...lines(1), '[7] 2026/01/02 03:04:05.006 [WRN] Plaintext passwords detected, use nkeys or bcrypt', '[7] 2026/01/02 03:04:05.006 [ERR] authentication error - User "search"', 'nats-server: no such file']) program.line(text);
  expect(said()).toMatchObject([
    { level: 'error', msg: 'authentication error - User "search"' },
    { level: 'warn', msg: 'nats-server: no such file' },
  ]);
});
