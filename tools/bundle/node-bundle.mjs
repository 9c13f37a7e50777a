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

/**
 * How programs for Node are bundled, as options of esbuild. `require` serves the CommonJS packages inside.
 * @type {import('esbuild').BuildOptions & { metafile: true }}
 */
export const nodeBundle = {
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
