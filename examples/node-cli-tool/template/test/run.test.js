import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run } from '../src/run.js';

async function tool(...words) {
  const said = { out: '', err: '' };
  const code = await run(words, (line) => (said.out += line), (line) => (said.err += line));
  return { code, ...said };
}

test('counts the lines of a file', async () => {
  const self = fileURLToPath(import.meta.url);
  const { code, out } = await tool('count', self, '--json');
  assert.equal(code, 0);
  assert.ok(JSON.parse(out)[0].lines > 10);
});

test('explains itself, and says what was wrong', async () => {
  assert.match((await tool('--help')).out, /count/);
  assert.equal((await tool('nothing')).code, 2);
  assert.equal((await tool('count', '--wrong')).code, 2);
  assert.equal((await tool('count', 'no-such-file')).code, 1);
});
