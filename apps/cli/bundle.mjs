import { build } from 'esbuild';
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Bundles the command line: `dist/souk.mjs`, and in `dist/chunks` what each command loads when it is called. With `--package` it also puts
 * everything else into `dist` that the npm package needs: the bundled site, the examples and the licenses of what was bundled.
 * With `--clean` it takes that away again, so that the workspace goes on using its own.
 */
const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
const site = join(here, '..', 'site', 'dist', 'site.mjs');
const extras = ['site.mjs', 'examples', 'THIRD-PARTY.txt'];

/** CommonJS packages ask for `require`, which ES modules lack. */
const banner = "import { createRequire as __souk_createRequire } from 'node:module'; const require = __souk_createRequire(import.meta.url);";

/** Our own projects and zod's locales do nothing when they are loaded, so what nobody uses may go. */
const lean = {
  name: 'lean',
  setup(bundle) {
    bundle.onResolve({ filter: /^(@souk\/|\.)/ }, async ({ path, pluginData, ...rest }) => {
      if (pluginData === 'resolved' || rest.importer.includes('/node_modules/')) return undefined;
      return { ...(await bundle.resolve(path, { ...rest, pluginData: 'resolved' })), sideEffects: false };
    });
    bundle.onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({ contents: "export { default as en } from './en.js';" }));
  },
};

async function bundleCommand() {
  rmSync(join(dist, 'chunks'), { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: here,
    entryPoints: [{ in: 'src/main.ts', out: 'souk' }],
    outdir: 'dist',
    chunkNames: 'chunks/[name]-[hash]',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.12',
    conditions: ['@souk/source'],
    minify: true,
    legalComments: 'none',
    metafile: true,
    banner: { js: banner },
    plugins: [lean],
    logLevel: 'warning',
  });
  return metafile;
}

/** Folders of the packages that a bundle contains, by `name@version`. */
function packagesIn(metafile) {
  const found = new Map();
  for (const input of Object.keys(metafile.inputs)) {
    const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (!match) continue;
    const folder = join(here, match[1]);
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    found.set(`${name}@${version}`, { folder, license });
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The names and license texts of everything that was bundled. */
function thirdParty(metafile) {
  return packagesIn(metafile)
    .map(([id, { folder, license }]) => {
      const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
      return `${id} (${license ?? 'see below'})\n\n${file ? readFileSync(join(folder, file), 'utf8').trim() : 'No license file.'}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}

function addExtras(metafile) {
  if (!existsSync(site)) throw new Error('apps/site/dist/site.mjs is missing: run npm run build first');
  cpSync(site, join(dist, 'site.mjs'));
  cpSync(join(here, '..', '..', 'examples'), join(dist, 'examples'), { recursive: true });
  writeFileSync(join(dist, 'THIRD-PARTY.txt'), thirdParty(metafile));
}

if (process.argv.includes('--clean')) for (const name of extras) rmSync(join(dist, name), { recursive: true, force: true });
else {
  const metafile = await bundleCommand();
  if (process.argv.includes('--package')) addExtras(metafile);
}
