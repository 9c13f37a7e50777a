import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { routes } from '@souk/contracts';
import { formatToken } from '@souk/domain';
import { SmallSite } from '../../fixtures/small-site.ts';
import { Workbench } from '../../fixtures/workbench.ts';

let bench: Workbench;
const token = formatToken(new Uint8Array(32).fill(3));
const file = (): string => join(bench.home, 'tokens.json');

/** Has a route of the site answer what a test wants. */
const answers = (name: keyof typeof routes, body: unknown, status = 200): void => {
  bench.site.raws[name] = (_request, response) => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
async function* typed(text: string): AsyncGenerator<string> {
  yield text;
}

beforeEach(async () => {
  bench = await Workbench.open();
  answers('getCaller', { as: 'account', account: 'ada', token: '0'.repeat(16), scopes: ['read', 'publish'] });
});
afterEach(() => bench.close());

test('a token is kept for its site once the site says whose it is, readable by its owner only, sent there and nowhere else, and never printed', async () => {
  const ran = await bench.souk(['login'], { stdin: typed(`${token}\nmore`) });
  expect(ran).toMatchObject({ code: 0, stdout: `Logged in at ${bench.site.url}/ as ada: read, publish\n` });
  expect([JSON.parse(readFileSync(file(), 'utf8')), statSync(file()).mode & 0o777]).toEqual([{ [`${bench.site.url}/`]: token }, 0o600]);
  const other = await SmallSite.start();
  try {
    const shown = [ran, await bench.souk(['search']), await bench.souk(['search', '--json']), await bench.souk(['search', '--site', other.url]), await bench.souk(['config'])];
    expect(bench.site.tokens).toEqual([`Bearer ${token}`, `Bearer ${token}`, `Bearer ${token}`]);
    expect(other.tokens).toEqual([undefined]);
    expect(shown.map((one) => one.stdout + one.stderr).join('')).not.toContain(token);
  } finally {
    await other.close();
  }
});

test('a token that was given goes before one that was kept; a kept one can be forgotten', async () => {
  await bench.souk(['login', '--token', token]);
  await bench.souk(['search', '--token', 'mine']);
  expect((await bench.souk(['login', '--forget', '--json'])).json).toEqual({ site: `${bench.site.url}/`, forgotten: true });
  await bench.souk(['search']);
  expect(bench.site.tokens).toEqual([`Bearer ${token}`, 'Bearer mine', undefined]);
});

test('a token that the site refuses is not kept; neither is one for a site that asks for none, nor nothing', async () => {
  answers('getCaller', { code: 'UNAUTHORIZED', message: 'The token was revoked.' }, 401);
  expect(await bench.souk(['login', '--json'], { stdin: typed(token) })).toMatchObject({ code: 4, json: { code: 'UNAUTHORIZED' } });
  answers('getCaller', { as: 'anyone', scopes: ['read'] });
  expect(await bench.souk(['login', '--json'], { stdin: typed(token) })).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST', hint: expect.stringContaining('souk account create') } });
  expect(await bench.souk(['login', '--json'], { stdin: typed('\n') })).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST' } });
  expect(existsSync(file())).toBe(false);
});

test('the token that is used is the one that is revoked unless another one is named; who uses none is told so', async () => {
  const revoked = (id: string) => ({ id, account: 'ada', name: '', scopes: [], createdAt: '2026-01-01T00:00:00.000Z', revoked: true });
  answers('deleteToken', revoked('0'.repeat(16)));
  expect(await bench.souk(['token', 'revoke', '--json'])).toMatchObject({ code: 0, json: { id: '0'.repeat(16), revoked: true } });
  expect(bench.site.calls).toEqual(['getCaller', 'deleteToken']);
  answers('getCaller', { as: 'operator', scopes: ['read', 'publish', 'admin'] });
  expect(await bench.souk(['token', 'revoke', '--json'])).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST' } });
});

test('a damaged file of tokens is said, and not overwritten', async () => {
  await bench.souk(['login', '--token', token]);
  writeFileSync(file(), '{');
  expect(await bench.souk(['search', '--json'])).toMatchObject({ json: { code: 'BAD_CONFIG', hint: expect.stringContaining('souk login') } });
  expect(await bench.souk(['login', '--token', token, '--json'])).toMatchObject({ json: { code: 'BAD_CONFIG' } });
  expect(readFileSync(file(), 'utf8')).toBe('{');
});

const tokenDoc = { id: 'f'.repeat(16), account: 'ada', name: 'ci', scopes: ['read'], createdAt: '2026-01-01T00:00:00.000Z', revoked: false };

test('the first account logs its maker in; its token is shown once and kept', async () => {
  answers('putAccount', { id: 'ada', name: 'ada', role: 'admin', token: { ...tokenDoc, token } }, 201);
  expect((await bench.souk(['account', 'create', 'ada', '--role', 'admin'])).stdout).toContain(token);
  expect(JSON.parse(readFileSync(file(), 'utf8'))).toEqual({ [`${bench.site.url}/`]: token });
  expect(bench.site.calls).toEqual(['putAccount']);
});

test('tokens are made, listed and revoked', async () => {
  answers('postToken', { ...tokenDoc, token }, 201);
  answers('listTokens', { tokens: [tokenDoc, { ...tokenDoc, id: '0'.repeat(16), revoked: true, scopes: [] }] });
  answers('deleteToken', { ...tokenDoc, revoked: true, scopes: [] });
  expect((await bench.souk(['token', 'create', 'ada', '--scope', 'read,publish', '--expires', '30d', '--json'])).json).toMatchObject({ token });
  expect((await bench.souk(['token'])).stdout).toMatch(/ffffffffffffffff {2}ada {6}read[^]*0000000000000000 {2}ada {6}revoked/);
  expect((await bench.souk(['token', 'revoke', 'f'.repeat(16)])).stdout).toBe(`The token ${'f'.repeat(16)} of ada is revoked for ever\n`);
});

test.each([
  [['token', 'create'], 'create what'],
  [['token', 'create', 'ada', '--scope', 'write'], 'no scopes'],
  [['token', 'create', 'ada', '--expires', 'soon'], 'no length of time'],
  [['token', 'revoke', 'x'], 'not the id of a token'],
  [['token', 'steal', 'x'], 'not understood'],
  [['account', 'create', 'Ada', '--role', 'admin'], 'needs the id'],
  [['account', 'create', 'ada'], 'needs --role'],
  [['account', 'sell'], 'not understood'],
])('souk %j is refused before anybody is asked', async (words, message) => {
  expect(await bench.souk([...words, '--json'])).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST', message: expect.stringContaining(message) } });
  expect(bench.site.calls).toEqual([]);
});
