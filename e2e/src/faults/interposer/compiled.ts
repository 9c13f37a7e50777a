import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@jest/globals';
import { repository } from '../../scenario/repository.ts';

const source = join(repository, 'e2e/src/faults/interposer/interposer.c');
const folder = join(repository, 'node_modules/.cache/souk/interposer');

/** Compiles the interposer and answers its path; undefined where that cannot be, which is said in one line. Throws instead where CI=true. */
function compiled(): string | undefined {
  mkdirSync(folder, { recursive: true });
  const library = join(folder, 'interposer.so');
  const said = process.platform === 'linux' ? spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl', '-lpthread'], { encoding: 'utf8' }) : undefined;
  if (said?.status === 0) return library;
  const why = said === undefined ? `faults below libc are injected on Linux only, not on ${process.platform}` : `no C compiler (cc) to build the interposer with: ${said.error?.message ?? said.stderr}`;
  if (process.env['CI'] === 'true') throw new Error(why);
  process.stderr.write(`skipped: ${why}\n`);
  return undefined;
}

const library = compiled();

/** The compiled interposer (LD_PRELOAD); empty where there is none, and then nothing runs that needs it. */
export const interposer = library ?? '';

/** Declares a test that needs the interposer: `test` where there is one, else a skipped test. */
export const faultTest = (library === undefined ? test.skip : test) as typeof test;
