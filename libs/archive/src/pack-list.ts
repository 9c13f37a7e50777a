import { lstat, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { comparePaths, reduceMode, type FileMode } from '@souk/domain';
import packlist from 'npm-packlist';
import { bundleTree } from './bundle-tree.ts';
import { isMadeExecutable, type NpmManifest } from './npm-manifest.ts';

/** One file to pack. */
export interface PackFile {
  /** Where it is read. */
  readonly source: string;
  /** Its name below the root folder of the archive. */
  readonly path: string;
  readonly mode: FileMode;
  /** Bytes when it was listed. */
  readonly size: number;
}

/** What npm would pack of a folder. */
export interface PackList {
  /** In order of the path's bytes. */
  readonly files: readonly PackFile[];
  /** Links beside packed files, which npm leaves out without a word. */
  readonly skipped: readonly string[];
}

async function linksBeside(root: string, paths: readonly string[]): Promise<string[]> {
  const folders = [...new Set(['.', ...paths.map((path) => dirname(path))])];
  const links: string[] = [];
  for (const folder of folders) {
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    links.push(...entries.filter((entry) => entry.isSymbolicLink()).map((entry) => (folder === '.' ? entry.name : `${folder}/${entry.name}`)));
  }
  return links.sort(comparePaths);
}

/** The files of a folder that `npm pack` packs: npm's own list ("files", .npmignore, .gitignore, bundled dependencies), with the modes that npm gives them, reduced to 644 and 755. */
export async function packList(root: string, manifest: NpmManifest): Promise<PackList> {
  const tree = await bundleTree(root, manifest);
  const listed = await packlist(tree as unknown as Parameters<typeof packlist>[0], { path: root });
  const paths = [...new Set(listed.map((path) => path.replace(/^\.\//, '')))].sort(comparePaths);
  const files: PackFile[] = [];
  for (const path of paths) {
    const source = join(root, path);
    const { mode, size } = await lstat(source);
    files.push({ source, path, mode: isMadeExecutable(manifest, path) ? 0o755 : reduceMode(mode), size });
  }
  return { files, skipped: await linksBeside(root, paths) };
}
