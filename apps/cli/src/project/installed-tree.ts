import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { reduceMode, treeHash, type FileEntry } from '@souk/domain';
import { ifPresent, onDisk } from '../home/on-disk.ts';

/** How an installed package stands to what was signed. */
export type InstalledState = 'ok' | 'modified' | 'missing';

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

/** The files below a folder; undefined when something is there that no package brings, such as a link. */
async function filesBelow(folder: string, prefix = ''): Promise<FileEntry[] | undefined> {
  const files: FileEntry[] = [];
  for (const entry of await readdir(join(folder, prefix), { withFileTypes: true })) {
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) {
      const below = await filesBelow(folder, path);
      if (below === undefined) return undefined;
      files.push(...below);
    } else if (entry.isFile()) {
      const { mode, size } = await lstat(join(folder, path));
      files.push({ path, mode: reduceMode(mode), size, sha256: await sha256(join(folder, path)) });
    } else return undefined;
  }
  return files;
}

/** Compares an installed package's files with the tree that was signed. */
export async function installedState(folder: string, tree: string | undefined): Promise<InstalledState> {
  return onDisk(`Reading ${folder}`, async () => {
    const found = await ifPresent(() => lstat(folder));
    if (!found) return 'missing';
    const files = found.isDirectory() ? await filesBelow(folder) : undefined;
    return files !== undefined && treeHash(files) === tree ? 'ok' : 'modified';
  });
}
