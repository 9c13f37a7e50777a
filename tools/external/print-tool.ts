import { fileURLToPath } from 'node:url';
import type { ExternalTool } from './external-tool.ts';
import { externalTools } from './external-tools.ts';
import { findTool } from './find-tool.ts';

/**
 * `node print-tool.ts NAME` prints one JSON line: `{ path, version, by }`, or `{ why }` when there is no such program. Fetches it when it
 * has to, and says so on standard error.
 */
const [name = ''] = process.argv.slice(2);
const tool = (externalTools as Readonly<Record<string, ExternalTool>>)[name];
if (tool === undefined) throw new Error(`no external tool is called ${name}; there are ${Object.keys(externalTools).join(', ')}`);
const onFetch = (): void => void process.stderr.write(`set-up: ${name} (once; this can take minutes)\n`);
const found = findTool(tool, { env: process.env, tools: fileURLToPath(new URL('../../.tools', import.meta.url)), onFetch });
process.stdout.write(`${JSON.stringify(found)}\n`);
