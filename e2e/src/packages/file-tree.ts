import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { runToEnd } from '../scenario/child.ts';

/** The files below a folder: path to mode and hash, as in `644 9f86d0...`. A link is its target. */
export type FileTree = Readonly<Record<string, string>>;

/** Reads every file below a folder; empty when there is none. */
export async function fileTree(folder: string): Promise<FileTree> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  const lines = await Promise.all(entries.map(async (path) => [path, await line(join(folder, path))] as const));
  return Object.fromEntries(lines.filter((one): one is readonly [string, string] => one[1] !== undefined));
}

async function line(path: string): Promise<string | undefined> {
  const found = await lstat(path);
  if (found.isSymbolicLink()) return `link ${await readlink(path)}`;
  if (!found.isFile()) return undefined;
  return `${(found.mode & 0o777).toString(8)} ${createHash('sha256').update(await readFile(path)).digest('hex')}`;
}

/** Unpacks a .tgz with the system's own tar, without its root folder and under the umask 022, as npm does. */
export async function untar(tgz: string, folder: string): Promise<FileTree> {
  await mkdir(folder, { recursive: true });
  const { code, stderr } = await runToEnd('sh', ['-c', 'umask 022 && exec tar "$@"', 'tar', '-xzf', tgz, '-C', folder, '--strip-components=1', '--no-same-owner', '--no-same-permissions'], { cwd: folder, env: { PATH: process.env['PATH'] ?? '' } });
  if (code !== 0) throw new Error(`tar: ${stderr}`);
  return fileTree(folder);
}
