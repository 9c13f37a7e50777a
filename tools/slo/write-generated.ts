import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generatedFiles } from './generated-files.ts';

/** `npm run slo`: writes everything that follows from the objectives. */
const top = fileURLToPath(new URL('../..', import.meta.url));
for (const [path, text] of Object.entries(generatedFiles)) {
  mkdirSync(dirname(join(top, path)), { recursive: true });
  writeFileSync(join(top, path), text());
}
