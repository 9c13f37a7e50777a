import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { runToEnd } from '../scenario/child.ts';
import { repository } from '../scenario/repository.ts';
import { chalkClosure, realPackages } from './real-packages.ts';
import { writePackage } from './written-package.ts';

/** The packages of a journey. */
export interface Goods {
  /** The original .tgz of every package, by name. */
  readonly files: ReadonlyMap<string, string>;
  /** What is installed: a name and range, and the names of all that it brings. */
  readonly wanted: string;
  readonly closure: readonly string[];
  /** A package that only the third site fetches, and one that nobody fetches before the first site is gone. */
  readonly rare: string;
  readonly unfetched: string;
}

const nameOf = (spec: string): string => spec.replace(/@[^@]*$/, '');

/** Real packages when a registry can be reached, else the examples of this repository, which is said in one line. */
export async function journeyGoods(folder: string): Promise<Goods> {
  const files = await realPackages();
  if (files) return { files, wanted: 'chalk@^4', closure: chalkClosure.map(nameOf), rare: 'degit', unfetched: 'ms' };
  console.log('No npm registry can be reached: the journey takes examples/ instead of real packages.');
  return { files: await packedExamples(folder), wanted: 'node-http-service@^1', closure: ['node-http-service', 'editor-basics'], rare: 'node-cli-tool', unfetched: 'never-fetched' };
}

/** The examples as npm packs them, and a small package beside them. */
async function packedExamples(folder: string): Promise<Map<string, string>> {
  const small = writePackage(join(folder, 'never-fetched'), { name: 'never-fetched', version: '1.0.0' });
  const folders = [...globSync(join(repository, 'examples', '*', 'package.json')).map(dirname), small];
  const files = new Map<string, string>();
  for (const one of folders) files.set(basename(one), await npmPack(one, folder));
  return files;
}

/** Packs a folder with npm, without a registry. Answers the .tgz. */
export async function npmPack(from: string, into: string): Promise<string> {
  const { code, stdout, stderr } = await runToEnd('npm', ['pack', from, '--silent', '--ignore-scripts', '--offline', '--pack-destination', into], { cwd: into, env: { PATH: process.env['PATH'] ?? '', HOME: into } });
  if (code !== 0) throw new Error(`npm pack ${from}: ${stderr}`);
  return join(into, stdout.trim());
}

/** Name and version in an unpacked package. */
export function identityIn(folder: string): { name: string; version: string } {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name: string; version: string };
  return { name, version };
}
