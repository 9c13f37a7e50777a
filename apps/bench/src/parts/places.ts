import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// The same number of folders below apps/bench from src and from dist.
/** The folder of this project. */
export const benchFolder = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** The top folder of the repository. */
export const topFolder = dirname(dirname(benchFolder));
/** Where downloads are kept between runs. */
export const cacheFolder = join(topFolder, 'node_modules', '.cache', 'souk', 'bench');

/** A program of this repository: the script to run and what to call it in a report. */
export interface Program {
  readonly script: string;
  readonly label: string;
}

/** The site as users start it: bundled when there is a bundle. */
export function siteProgram(): Program {
  const bundle = join(topFolder, 'apps/site/dist/site.mjs');
  return existsSync(bundle) ? { script: bundle, label: 'bundled site' } : { script: join(topFolder, 'apps/site/dist/main.js'), label: 'unbundled site' };
}

/** What starts a site as one process per service: bundled. */
export const servicesProgram = join(topFolder, 'apps/services/dist/bundle/services.mjs');

/** What starts the peer of a site alone: bundled. */
export const peerProgram = join(topFolder, 'apps/services/dist/bundle/peer.mjs');

/** The command line as users run it: bundled. */
export const cliScript = join(topFolder, 'apps/cli/bin/souk.mjs');
