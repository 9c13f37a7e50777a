import { fileURLToPath } from 'node:url';
import { findNatsServer } from './find-nats-server.ts';

/** Prints one JSON line: `{ path, version, by }`, or `{ why }` when there is no nats-server. Fetches it when it has to. */
const tools = fileURLToPath(new URL('../../.tools', import.meta.url));
process.stdout.write(`${JSON.stringify(findNatsServer({ env: process.env, tools }))}\n`);
