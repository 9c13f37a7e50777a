import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Writes a package's folder: its package.json, and files by path. Answers the folder. */
export function writePackage(folder: string, manifest: Readonly<Record<string, unknown>>, files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const all = { 'package.json': `${JSON.stringify(manifest, null, 2)}\n`, 'index.js': 'export const answer = 42;\n', ...files };
  for (const [path, content] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** Writes a file of any bytes. Answers its path. */
export function writeBytes(path: string, bytes: Uint8Array | string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}
