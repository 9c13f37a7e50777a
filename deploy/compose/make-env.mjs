import { randomBytes } from 'node:crypto';

/**
 * Prints an .env for compose.yaml with secrets that nobody has seen: `node deploy/compose/make-env.mjs > .env`, or without Node of one's own
 * `docker run --rm -i --entrypoint node souk-cli - < deploy/compose/make-env.mjs > .env`.
 */
const secret = () => `s${randomBytes(32).toString('hex')}`;
const names = ['SOUK_TOKEN', 'SOUK_SITE_SECRET', 'SOUK_NATS_PEER', 'SOUK_NATS_SEARCH', 'SOUK_NATS_INSTALL', 'SOUK_NATS_REPUTATION', 'SOUK_NATS_GATEWAY'];
process.stdout.write([...names.map((name) => `${name}=${secret()}`), `SOUK_NETWORK_KEY=${randomBytes(32).toString('hex')}`, ''].join('\n'));
