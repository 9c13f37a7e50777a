import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lockProcess, type ProcessLock } from './process-lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'souk-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const { signal } = new AbortController();
const lock = (waitMs = 0, other = signal): Promise<ProcessLock> => lockProcess(join(folder, 'lock'), { signal: other, waitMs, what: 'the things' });

test('one holder at a time; the next one gets it when it is free, and nothing is left behind', async () => {
  const first = await lock();
  await expect(lock()).rejects.toMatchObject({ code: 'STORAGE_LOCKED', message: `The things are in use by process ${process.pid}.`, details: { pid: process.pid } });
  const second = lock(20_000);
  await first.release();
  await (await second).check();
  await (await second).release();
  expect(readdirSync(folder)).toEqual([]);
});

test('whoever waits can give up', async () => {
  const held = await lock();
  const stop = new AbortController();
  const waiting = lock(20_000, stop.signal);
  stop.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
  await held.release();
});

test('the lock of a process that was killed is taken over, one that lives keeps it', async () => {
  const source = join(dirname(fileURLToPath(import.meta.url)), 'process-lock.ts');
  const script = `const { lockProcess } = await import(${JSON.stringify(source)}); await lockProcess(${JSON.stringify(join(folder, 'lock'))}, { signal: new AbortController().signal, waitMs: 0, what: 'it' }); process.stdout.write('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--conditions=@souk/source', '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  await expect(lock()).rejects.toMatchObject({ code: 'STORAGE_LOCKED', details: { pid: child.pid } });
  child.kill('SIGKILL');
  await once(child, 'exit');
  await (await lock()).release();
});

test('a lock that names a process id that is another process by now, or nothing at all, is taken over', async () => {
  const held = await lock();
  await held.release();
  writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: process.pid, host: (await import('node:os')).hostname(), token: 'x', started: '1' }));
  await (await lock()).release();
  writeFileSync(join(folder, 'lock'), '');
  await (await lock()).release();
});

test('a holder notices that its lock was taken away', async () => {
  const held = await lock();
  rmSync(join(folder, 'lock'));
  await expect(held.check()).rejects.toMatchObject({ code: 'STORAGE_LOCKED' });
  const other = await lock();
  await held.release();
  await other.check();
  await other.release();
});
