import { build } from 'esbuild';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Bundles the command line: `dist/souk.mjs`, and in `dist/chunks` what each command loads when it is called. With `--package` it also adds
 * everything else that the npm package needs: the bundled site with its worker thread, the examples, README and licenses, those of what was bundled too.
 */
const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
const top = join(here, '..', '..');
const site = join(here, '..', 'site', 'dist');
const chunks = join(dist, 'chunks');
const forPackage = process.argv.includes('--package');

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
  const { metafile, outputFiles } = await build({
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
    write: false,
    banner: { js: banner },
    plugins: [lean],
    logLevel: 'warning',
  });
  place(outputFiles);
  return metafile;
}

/** Puts a file in its place at once, and leaves one alone that is right: others may read it, or pack it, meanwhile. */
function put(path, contents) {
  if (existsSync(path) && Buffer.compare(readFileSync(path), contents) === 0) return;
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, contents);
  renameSync(draft, path);
}

/** The files below a folder, by their path in it. */
const filesIn = (folder) => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));

/** Writes the bundle so that a command which runs meanwhile goes on: chunks first, the entry last, and old chunks go only for a package or after an hour. */
function place(files) {
  const isChunk = ({ path }) => dirname(path) === chunks;
  for (const { path, contents } of [...files.filter(isChunk), ...files.filter((file) => !isChunk(file))]) put(path, contents);
  const current = new Set(files.map(({ path }) => path));
  const old = readdirSync(chunks).map((name) => join(chunks, name)).filter((path) => path.endsWith('.mjs') && !current.has(path));
  for (const path of old) if (forPackage || Date.now() - statSync(path).mtimeMs > 3_600_000) rmSync(path, { force: true });
}

/** What the bundled site contains: it is bundled by its own project, so this only looks. */
async function inputsOfSite() {
  const skipMissing = {
    name: 'skip-missing',
    setup(bundle) {
      bundle.onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, ...rest }) => {
        if (pluginData === 'resolved') return undefined;
        const found = await bundle.resolve(path, { ...rest, pluginData: 'resolved' });
        return found.errors.length > 0 ? { path, external: true } : found;
      });
    },
  };
  const { metafile } = await build({ absWorkingDir: here, entryPoints: [join(site, 'main.js')], bundle: true, platform: 'node', format: 'esm', write: false, outfile: 'site.mjs', metafile: true, plugins: [skipMissing], logLevel: 'silent' });
  return metafile.inputs;
}

/** Folders of the packages that bundles contain, by `name@version`. */
function packagesIn(inputs) {
  const found = new Map();
  for (const input of Object.keys(inputs)) {
    const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (!match) continue;
    const folder = join(here, match[1]);
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    found.set(`${name}@${version}`, { folder, license });
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The names and license texts of everything that was bundled. */
function thirdParty(inputs) {
  return packagesIn(inputs)
    .map(([id, { folder, license }]) => {
      const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
      return `${id} (${license ?? 'see below'})\n\n${file ? readFileSync(join(folder, file), 'utf8').trim() : 'No license file.'}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}

function addExamples() {
  const from = join(top, 'examples');
  const to = join(dist, 'examples');
  const names = filesIn(from);
  for (const name of names) put(join(to, name), readFileSync(join(from, name)));
  for (const name of filesIn(to)) if (!names.includes(name) && !name.endsWith('.tmp')) rmSync(join(to, name), { force: true });
}

async function addExtras(metafile) {
  if (!existsSync(join(site, 'site.mjs'))) throw new Error('apps/site/dist/site.mjs is missing: run npm run build first');
  for (const name of ['site.mjs', 'bulk-worker.js', 'verify-worker.js']) put(join(dist, name), readFileSync(join(site, name)));
  addExamples();
  for (const name of ['LICENSE', 'README.md']) if (existsSync(join(top, name))) put(join(here, name), readFileSync(join(top, name)));
  put(join(dist, 'THIRD-PARTY.txt'), Buffer.from(thirdParty({ ...metafile.inputs, ...(await inputsOfSite()) })));
}

const metafile = await bundleCommand();
if (forPackage) await addExtras(metafile);
