import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's top folder. */
export const repository = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** The programs that the tests start, as the build leaves them. */
export const programs = {
  site: join(repository, 'apps', 'site', 'dist', 'main.js'),
  souk: join(repository, 'apps', 'cli', 'bin', 'souk.mjs'),
} as const;
