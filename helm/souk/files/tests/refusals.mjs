// Tries what must be refused: a blob of other bytes than its cid names, and a publish without the token or with a wrong one.
import { createHash, randomBytes } from 'node:crypto';
import { site, untilReady } from './site.mjs';

/** CIDv1, raw, sha2-256, in base32. */
function cidOf(bytes) {
  const digest = createHash('sha256').update(bytes).digest();
  const bits = [...Buffer.concat([Buffer.from([0x01, 0x55, 0x12, 0x20]), digest])].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return `b${(bits.match(/.{1,5}/g) ?? []).map((five) => 'abcdefghijklmnopqrstuvwxyz234567'[Number.parseInt(five.padEnd(5, '0'), 2)]).join('')}`;
}

async function mustRefuse(what, status, path, init) {
  const answer = await fetch(`${site}${path}`, { ...init, signal: AbortSignal.timeout(30_000) });
  const text = await answer.text();
  if (answer.status !== status) throw new Error(`${what}: expected ${status}, got ${answer.status} ${text}`);
  console.log(`${what}: refused, ${text}`);
}

await untilReady();
const bytes = randomBytes(64);
const cid = cidOf(bytes);
const tampered = Buffer.from(bytes.map((byte, index) => (index === 0 ? byte ^ 1 : byte)));
const token = { authorization: `Bearer ${process.env.SOUK_TOKEN}` };
const wrong = { authorization: `Bearer ${randomBytes(24).toString('hex')}` };
const upload = (headers) => ({ method: 'PUT', body: tampered, headers: { 'content-type': 'application/octet-stream', ...headers } });
const append = (headers) => ({ method: 'POST', body: JSON.stringify({ records: [] }), headers: { 'content-type': 'application/json', ...headers } });

await mustRefuse('a tampered blob', 422, `/v1/blobs/${cid}`, upload(token));
await mustRefuse('what was refused is not there', 404, `/v1/blobs/${cid}`, { headers: token });
await mustRefuse('an upload without a token', 401, `/v1/blobs/${cid}`, upload({}));
await mustRefuse('a publish without a token', 401, '/v1/records', append({}));
await mustRefuse('a publish with a wrong token', 401, '/v1/records', append(wrong));
console.log('Everything that must be refused was refused.');
