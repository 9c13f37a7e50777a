import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { nodeBundle } from '../../tools/bundle/node-bundle.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const services = ['peer', 'search', 'install', 'reputation', 'gateway'];

/** Souk's own modules do nothing when they are loaded, so that settings come without the services that they are of. */
const lean = {
  name: 'lean',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^(@souk\/|\.)/ }, async ({ path, pluginData, importer, kind, resolveDir }) => {
      if (pluginData === 'resolved' || kind === 'entry-point' || importer.includes('/node_modules/')) return undefined;
      return { ...(await resolve(path, { importer, kind, resolveDir, pluginData: 'resolved' })), sideEffects: false };
    });
  },
};

const outdir = here('./dist/bundle');
rmSync(outdir, { recursive: true, force: true });

const common = { ...nodeBundle, absWorkingDir: here('.') };

// From tsc's output, because esbuild emits no decorator metadata, which Nest injects by. Each for itself: shared chunks would be
// evaluated in another order than their modules, and Nest needs its reflection before anything is decorated.
await Promise.all(services.map((name) => build({ ...common, entryPoints: [`../${name}/dist/main.js`], outfile: `${outdir}/${name}.mjs` })));

// The peer looks for its worker threads beside the file that it is in.
await Promise.all(['bulk/bulk-worker.js', 'verify/verify-worker.js'].map((name) => build({ ...common, entryPoints: [`../peer/dist/${name}`], outfile: `${outdir}/${basename(name)}` })));

await build({ ...common, entryPoints: ['./dist/main.js'], outfile: `${outdir}/services.mjs`, plugins: [...common.plugins, lean] });

// Compiled code is kept beside the bundles, where whoever starts them has it read from. With a setting that it cannot use a service ends
// as soon as it is loaded (78 in the table of errors).
for (const name of services) {
  const env = { NODE_COMPILE_CACHE: `${outdir}/compiled`, NODE_COMPILE_CACHE_PORTABLE: '1', SOUK_LOG_LEVEL: 'none that there is' };
  const { status, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', `${outdir}/${name}.mjs`], { env, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  if (status !== 78) throw new Error(`the bundle of ${name} ended with ${status} when it was loaded:\n${stderr}`);
}
