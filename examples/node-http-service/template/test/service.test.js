import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createService } from '../src/service.js';

const lines = [];
const service = createService({ log: (line) => lines.push(line) });
let base;

before(async () => {
  base = `http://127.0.0.1:${await service.listen()}`;
});
after(() => service.stop());

test('answers its routes', async () => {
  assert.deepEqual(await (await fetch(`${base}/hello`)).json(), { hello: 'world' });
});

test('says that it lives and that it is ready', async () => {
  assert.equal((await fetch(`${base}/healthz`)).status, 200);
  assert.equal((await fetch(`${base}/readyz`)).status, 200);
});

test('knows what it does not have', async () => {
  assert.equal((await fetch(`${base}/nowhere`)).status, 404);
});
