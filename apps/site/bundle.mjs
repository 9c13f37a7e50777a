import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { nodeBundle } from '../../tools/bundle/node-bundle.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const common = { ...nodeBundle, absWorkingDir: here('.') };

// From tsc's output, because esbuild emits no decorator metadata, which Nest injects by.
const { metafile } = await build({ ...common, entryPoints: ['./dist/main.js'], outfile: './dist/site.mjs' });

// The peer looks for its worker threads beside the file that it is in.
await Promise.all(['bulk/bulk-worker.js', 'verify/verify-worker.js'].map((name) => build({ ...common, entryPoints: [`../peer/dist/${name}`], outfile: `./dist/${basename(name)}` })));

// Says what was bundled: whoever ships the file owes the authors of its parts their licences.
writeFileSync(here('./dist/site.meta.json'), JSON.stringify(metafile));
