import { join } from 'node:path';
import { cliScript } from '../parts/places.ts';
import { runProgram } from '../parts/run-program.ts';
import type { Bench } from '../runner/bench.ts';
import type { SiteProcess } from '../site/site-process.ts';
import type { ImportFile } from './import-file.ts';

/** Imports a whole file by `souk import`, each time as a new user; packages per second from the start of its process to its end. Throws when not every package was published. */
export async function importInto(bench: Bench, site: SiteProcess, { path, packages }: ImportFile): Promise<number> {
  const env = { SOUK_SITE: site.url, SOUK_HOME: join(bench.scratch, `import-home-${site.pid}`) };
  const start = performance.now();
  const out = await runProgram(process.execPath, [cliScript, 'import', path, '--json'], { env, signal: bench.signal });
  const seconds = (performance.now() - start) / 1000;
  const { published, refusedTotal } = JSON.parse(out) as { published: number; refusedTotal: number };
  if (published !== packages || refusedTotal > 0) throw new Error(`${published} packages were published instead of ${packages}, ${refusedTotal} refused`);
  return packages / seconds;
}
