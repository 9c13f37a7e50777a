import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's top folder. */
export const repository = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** Where the shipped package was packed and unpacked before the first journey. */
function packed(): string {
  const folder = process.env['SOUK_E2E_PACKED'];
  if (!folder) throw new Error('Nothing was packed; the journeys run by jest, whose project e2e does it.');
  return folder;
}

/** The programs that the tests start, as they are shipped. */
export const programs = {
  /** The bundled site. */
  get site(): string {
    return join(packed(), 'package', 'dist', 'site.mjs');
  },
  /** What starts the bundled services, one process each. */
  get services(): string {
    return join(packed(), 'services', 'services.mjs');
  },
  /** The command line. */
  get souk(): string {
    return join(packed(), 'package', 'bin', 'souk.mjs');
  },
  /** The package that holds both. */
  get tarball(): string {
    return join(packed(), globSync('*.tgz', { cwd: packed() })[0] ?? 'no tarball');
  },
};
