import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The version in the package's own package.json. */
export async function packageVersion(packageFolder: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  return version;
}
