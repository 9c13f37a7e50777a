import { expect, test } from '@jest/globals';
import { LogWriter } from '@souk/testing/builders';
import { siteBodies } from '../record/site-body.ts';
import { requireIntent, SiteIntent } from './site-intent.ts';
import { foldSite, type SiteState } from './site-state.ts';
import { formatToken, isToken, tokenHash, tokenIdOf } from './site-token.ts';

const token = formatToken(new Uint8Array(32).fill(7));
const hash = tokenHash(token);

function state(): SiteState {
  const site = new LogWriter('site');
  site.write('inception', { rootKey: site.key });
  site.write('account', { id: 'ada', name: 'Ada', role: 'publisher' });
  site.write('account', { id: 'gone', name: 'Gone', role: 'none' });
  site.write('token', { id: tokenIdOf(hash), account: 'ada', hash, scopes: ['read'], name: '' });
  site.write('ban', { subject: { type: 'publisher', id: site.key }, reason: 'spam' });
  return foldSite(site.records);
}

const tokenIntent = (body: object): SiteIntent => SiteIntent.parse({ kind: 'token', body: { id: tokenIdOf('0'.repeat(64)), account: 'ada', hash: '0'.repeat(64), scopes: ['read'], name: '', ...body } });
const judged = (intent: SiteIntent): boolean => requireIntent(state(), intent, 1000);

test('every kind of the site log can be intended, and nothing else; nobody can intend a first sight', () => {
  expect(SiteIntent.options.map((one) => one.shape.kind.value).sort()).toEqual(Object.keys(siteBodies).sort());
  expect(SiteIntent.safeParse({ kind: 'inception', body: {} }).success).toBe(false);
  expect(SiteIntent.safeParse({ kind: 'bind', body: { names: ['kit'], publisher: new LogWriter('x').key, by: 'sight' } }).success).toBe(false);
});

test('what the log says already is not written again', () => {
  expect(judged({ kind: 'account', body: { id: 'ada', name: 'Ada', role: 'publisher' } })).toBe(false);
  expect(judged({ kind: 'account', body: { id: 'ada', name: 'Ada', role: 'admin' } })).toBe(true);
  expect(judged(tokenIntent({}))).toBe(true);
  expect(judged({ kind: 'token-revoke', body: { id: tokenIdOf(hash) } })).toBe(true);
});

test.each<[string, SiteIntent, string]>([
  ['a token of nobody', tokenIntent({ account: 'eve' }), 'NOT_FOUND'],
  ['a token of a closed account', tokenIntent({ account: 'gone' }), 'NOT_FOUND'],
  ['scopes beyond the role', tokenIntent({ scopes: ['read', 'admin'] }), 'FORBIDDEN'],
  ['an id that is not of the hash', tokenIntent({ id: 'f'.repeat(16) }), 'BAD_REQUEST'],
  ['an id that is taken', tokenIntent({ id: tokenIdOf(hash), hash: tokenIdOf(hash) + '0'.repeat(48) }), 'BAD_REQUEST'],
  ['a revocation of nothing', { kind: 'token-revoke', body: { id: 'f'.repeat(16) } }, 'NOT_FOUND'],
  ['an unbind of nothing', { kind: 'unbind', body: { name: 'kit' } }, 'NOT_FOUND'],
  ['a ban that is over', SiteIntent.parse({ kind: 'ban', body: { subject: { type: 'key', id: new LogWriter('x').key }, until: 1000, reason: '' } }), 'BAD_REQUEST'],
  ['an unban of nobody', SiteIntent.parse({ kind: 'unban', body: { subject: { type: 'key', id: new LogWriter('x').key } } }), 'NOT_FOUND'],
])('%s is refused', (_what, intent, code) => {
  expect(() => judged(intent)).toThrow(expect.objectContaining({ code }));
});

test('a token carries a prefix and a checksum: one wrong character is noticed before anybody looks for it', () => {
  expect(token).toMatch(/^souk_[A-Za-z0-9_-]{48}$/);
  expect(isToken(token)).toBe(true);
  for (let at = 5; at < token.length; at += 1) expect(isToken(token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1))).toBe(false);
  for (const other of ['', 'souk_', token.slice(0, -1), `${token}A`, token.toUpperCase()]) expect(isToken(other)).toBe(false);
});
