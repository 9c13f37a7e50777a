import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { treeOf } from '../../fixtures/tree-of.ts';
import { stageNext, steps, swapAt, undoSteps, writeBefore } from '../../fixtures/swap-scene.ts';
import { placesOf } from './places.ts';
import { discardStaging, recover } from './swap.ts';

let folder: string;
let before: Record<string, string>;
let after: Record<string, string>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'souk-swap-'));
  const done = mkdtempSync(join(tmpdir(), 'souk-swap-'));
  writeBefore(done);
  await stageNext(placesOf(done));
  await swapAt(placesOf(done));
  rmSync(join(done, '.souk-install'), { recursive: true });
  after = treeOf(done);
  rmSync(done, { recursive: true });
  writeBefore(folder);
  before = treeOf(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const scene = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'fixtures', 'swap-scene.ts');

/** Lets a process of its own swap and kills it with SIGKILL right before a step. */
async function killedAt(step: string): Promise<void> {
  const child = spawn(process.execPath, ['--conditions=@souk/source', '--disable-warning=ExperimentalWarning', scene, folder, step], { stdio: ['ignore', 'inherit', 'inherit'] });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' });
}

test('the scene is what it should be', () => {
  expect(after).not.toEqual(before);
  expect(Object.keys(after)).toEqual(['souk-lock.json', 'souk.json', 'souk_modules/', 'souk_modules/@s/', 'souk_modules/@s/added/', 'souk_modules/@s/added/file', 'souk_modules/replaced/', 'souk_modules/replaced/file', 'souk_modules/stays/', 'souk_modules/stays/file']);
  expect(steps).toEqual(['stage', 'journal', 'away @s/added', 'place @s/added', 'away replaced', 'place replaced', 'away removed', 'write souk.json', 'write souk-lock.json', 'sync', 'done', 'clean']);
});

test.each(steps)('killed before "%s": the next command has the old state or the new one, whole', async (step) => {
  await killedAt(step);
  const isWritten = !['stage', 'journal'].includes(step);
  const recovery = await recover(placesOf(folder));
  expect(recovery).toBe(isWritten && step !== 'clean' ? 'finished' : undefined);
  rmSync(join(folder, '.souk-install'), { recursive: true, force: true });
  expect(treeOf(folder)).toEqual(isWritten ? after : before);
});

test.each(steps.slice(0, steps.indexOf('sync')))('failing at "%s": everything is as it was', async (step) => {
  const places = placesOf(folder);
  await stageNext(places);
  const failure = new Error('as planned');
  await expect(swapAt(places, (now) => {
    if (now === step) throw failure;
  })).rejects.toBe(failure);
  await discardStaging(places);
  rmSync(join(folder, '.souk-install'), { recursive: true, force: true });
  expect(treeOf(folder)).toEqual(before);
});

test.each(undoSteps)('failed, and killed before "%s": the next command goes on undoing', async (step) => {
  await killedAt(step);
  expect(await recover(placesOf(folder))).toBe('undone');
  await discardStaging(placesOf(folder));
  rmSync(join(folder, '.souk-install'), { recursive: true, force: true });
  expect(treeOf(folder)).toEqual(before);
});

test('a journal that names other places moves nothing', async () => {
  const outside = join(folder, 'outside');
  writeFileSync(outside, 'mine');
  mkdirSync(join(folder, '.souk-install', 'new', '0'), { recursive: true });
  for (const name of ['../outside', '/etc/passwd', '@s/../../outside', '.']) {
    writeFileSync(join(folder, '.souk-install', 'journal.json'), JSON.stringify({ journalVersion: 1, changes: [{ name, slot: 0, remove: false }], had: [] }));
    await expect(recover(placesOf(folder))).rejects.toMatchObject({ code: 'STORAGE_CORRUPT' });
  }
  expect(treeOf(folder)['outside']).toBe('mine');
});

test.each(['new', 'old', 'old/souk.json', 'new/souk-lock.json'])('a journal that came with %s as a link touches nothing elsewhere', async (name) => {
  const elsewhere = join(folder, 'elsewhere');
  mkdirSync(join(elsewhere, '0'), { recursive: true });
  writeFileSync(join(elsewhere, 'souk.json'), 'secret');
  mkdirSync(dirname(join(folder, '.souk-install', name)), { recursive: true });
  symlinkSync(name.includes('/') ? join(elsewhere, 'souk.json') : elsewhere, join(folder, '.souk-install', name));
  const outside = treeOf(elsewhere);
  for (const journal of ['journal.json', 'undo.json']) {
    writeFileSync(join(folder, '.souk-install', journal), JSON.stringify({ journalVersion: 1, changes: [{ name: 'stays', slot: 0, remove: false }], had: ['souk.json'] }));
    await expect(recover(placesOf(folder))).rejects.toMatchObject({ code: 'STORAGE_DENIED' });
  }
  expect(treeOf(elsewhere)).toEqual(outside);
  expect(treeOf(folder)['souk.json']).toBe(before['souk.json']);
});

test('a scope that is a link is not followed', async () => {
  const elsewhere = join(folder, 'elsewhere');
  mkdirSync(elsewhere);
  symlinkSync(elsewhere, join(folder, 'souk_modules', '@s'));
  await stageNext(placesOf(folder));
  await expect(swapAt(placesOf(folder))).rejects.toMatchObject({ code: 'STORAGE_DENIED' });
  expect(treeOf(elsewhere)).toEqual({});
});
