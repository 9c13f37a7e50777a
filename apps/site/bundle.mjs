import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Packages that a dependency loads only if somebody installed them, as Nest does with its other platforms and transports:
 * they stay `import()` or `require()` calls that fail when they are made. An import that is always needed still breaks the build.
 */
const leaveOptionalOut = {
  name: 'leave-optional-out',
  setup({ onResolve, resolve }) {
    const asked = Symbol('asked');
    onResolve({ filter: /^[^./]/ }, async ({ path, importer, kind, resolveDir, pluginData }) => {
      const isOptional = (kind === 'dynamic-import' || kind === 'require-call' || kind === 'require-resolve') && importer.includes('node_modules');
      if (pluginData === asked || !isOptional) return undefined;
      const { errors } = await resolve(path, { importer, kind, resolveDir, pluginData: asked });
      return errors.length > 0 ? { path, external: true } : undefined;
    });
  },
};

/** What is the same for every file that is made. `require` serves the CommonJS packages inside. */
const common = {
  absWorkingDir: here('.'),
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  keepNames: true,
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  plugins: [leaveOptionalOut],
  banner: { js: "import { createRequire as createRequireOf } from 'node:module'; const require = createRequireOf(import.meta.url);" },
  logLevel: 'warning',
  metafile: true,
};

// From tsc's output, because esbuild emits no decorator metadata, which Nest injects by.
const { metafile } = await build({ ...common, entryPoints: ['./dist/main.js'], outfile: './dist/site.mjs' });

// The peer looks for its worker thread beside the file that it is in.
await build({ ...common, entryPoints: ['../peer/dist/bulk/bulk-worker.js'], outfile: './dist/bulk-worker.js' });

// Says what was bundled: whoever ships the file owes the authors of its parts their licences.
writeFileSync(here('./dist/site.meta.json'), JSON.stringify(metafile));
