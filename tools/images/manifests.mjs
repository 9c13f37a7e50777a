import { cpSync, globSync } from 'node:fs';
import { join } from 'node:path';

/** `node manifests.mjs FROM TO`: copies what `npm ci` reads and nothing else, so that dependencies are installed again only when these change. */
const [from, to] = process.argv.slice(2);
if (from === undefined || to === undefined) throw new Error('expected a folder to read and one to write');
for (const file of globSync(['package.json', 'package-lock.json', '*/package.json', '*/*/package.json'], { cwd: from })) cpSync(join(from, file), join(to, file));
