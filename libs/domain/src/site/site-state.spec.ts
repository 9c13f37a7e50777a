import { expect, test } from '@jest/globals';
import { epoch, LogWriter } from '@souk/testing/builders';
import { fc } from '@souk/testing/properties';
import { keyId } from '../id/key-id.ts';
import { seedFrom, signerOf } from '../record/ed25519.ts';
import type { VerifiedRecord } from '../record/signed-record.ts';
import { foldSite, type SiteState } from './site-state.ts';

const publishers = ['ada', 'eve', 'zoe'].map((name) => keyId(signerOf(seedFrom(name)).publicKey));
const ids = ['0', '1', '2'].map((digit) => digit.repeat(16));
const oneOf = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

/** Anything that a site log can say, about few things, so that records meet. */
const fact = fc.oneof(
  fc.record({ kind: fc.constant('account'), body: fc.record({ id: oneOf(['ada', 'ben']), name: fc.constant('x'), role: oneOf(['reader', 'publisher', 'admin', 'none']) }) }),
  fc.record({ kind: fc.constant('token'), body: oneOf(ids).chain((id) => fc.record({ id: fc.constant(id), account: oneOf(['ada', 'ben']), hash: oneOf(['a', 'b']).map((end) => id + end.repeat(48)), scopes: fc.uniqueArray(oneOf(['read', 'publish', 'admin']), { minLength: 1 }), name: fc.constant('') })) }),
  fc.record({ kind: fc.constant('token-revoke'), body: fc.record({ id: oneOf(ids) }) }),
  fc.record({ kind: fc.constant('bind'), body: fc.record({ names: fc.uniqueArray(oneOf(['kit', '@team/kit', '@team/*']), { minLength: 1 }), publisher: oneOf(publishers), by: oneOf(['sight', 'policy']) }) }),
  fc.record({ kind: fc.constant('unbind'), body: fc.record({ name: oneOf(['kit', '@team/kit', '@team/*']) }) }),
  fc.record({ kind: fc.constant('ban'), body: fc.record({ subject: fc.record({ type: fc.constant('publisher'), id: oneOf(publishers) }), until: fc.nat(100), reason: fc.constant('') }) }),
  fc.record({ kind: fc.constant('unban'), body: fc.record({ subject: fc.record({ type: fc.constant('publisher'), id: oneOf(publishers) }) }) }),
  fc.record({ kind: fc.constant('takedown'), body: fc.record({ subject: fc.record({ type: fc.constant('version'), name: fc.constant('kit'), version: oneOf(['1.0.0', '2.0.0']), cids: fc.constant([]) }), reason: fc.constant('') }) }),
  fc.record({ kind: fc.constant('hologram'), body: fc.constant({}) }),
);

type AnyFact = { readonly kind: string; readonly body: unknown };

function logOf(facts: readonly AnyFact[], name = 'site'): VerifiedRecord[] {
  const site = new LogWriter(name);
  site.write('inception', { rootKey: site.key });
  for (const { kind, body } of facts) {
    if (kind === 'hologram') site.writeBytes(kind, new Uint8Array([0xa0]));
    else site.write(kind as 'account', body as never);
  }
  return site.records;
}

const shown = (state: SiteState): unknown => ({ accounts: state.accounts.accounts(), tokens: state.accounts.tokens(), bindings: state.bindings.list(undefined, 100), bans: state.bans.list(0), takedowns: state.takedowns.list() });

test('a log folds to one state, whoever signed it and however it comes in pages', () => {
  fc.assert(
    fc.property(fc.array(fact, { maxLength: 30 }), fc.nat(30), (facts, at) => {
      const records = logOf(facts);
      const inPages = foldSite(records.slice(0, at));
      for (const record of records.slice(at)) inPages.take(record);
      expect(shown(inPages)).toEqual(shown(foldSite(records)));
      expect(shown(foldSite(logOf(facts, 'another site')))).toEqual(shown(inPages));
    }),
  );
});

test('whatever is written later, a revoked token never counts again, and no token does more than its account may', () => {
  fc.assert(
    fc.property(fc.array(fact, { maxLength: 30 }), oneOf(ids), fc.array(fact, { maxLength: 30 }), (before, id, after) => {
      const state = foldSite(logOf([...before, { kind: 'token-revoke', body: { id } }, ...after]));
      const token = state.accounts.token(id);
      if (token) expect(state.accounts.scopesOf(token, 0)).toEqual([]);
      for (const one of state.accounts.tokens()) {
        const role = state.accounts.account(one.account)?.role ?? 'none';
        expect(state.accounts.scopesOf(one, 0).every((scope) => one.scopes.includes(scope))).toBe(true);
        if (role !== 'admin') expect(state.accounts.scopesOf(one, 0)).not.toContain('admin');
        if (role === 'none') expect(state.accounts.scopesOf(one, 0)).toEqual([]);
      }
    }),
  );
});

test('a first sight never replaces a binding; a decision always does', () => {
  fc.assert(
    fc.property(fc.array(fact, { maxLength: 30 }), oneOf(['kit', '@team/kit', '@team/*']), oneOf(publishers), (facts, name, publisher) => {
      const before = foldSite(logOf(facts)).bindings.get(name);
      const sighted = foldSite(logOf([...facts, { kind: 'bind', body: { names: [name], publisher, by: 'sight' } }])).bindings.get(name);
      expect(sighted).toEqual(before ?? { publisher, by: 'sight' });
      expect(foldSite(logOf([...facts, { kind: 'bind', body: { names: [name], publisher, by: 'policy' } }])).bindings.get(name)).toEqual({ publisher, by: 'policy' });
    }),
  );
});

test('a token ends at its time; an account that is closed ends all of its tokens, and one that is lowered their scopes', () => {
  const hash = 'f'.repeat(64);
  const account = (role: string): AnyFact => ({ kind: 'account', body: { id: 'ada', name: 'Ada', role } });
  const token: AnyFact = { kind: 'token', body: { id: hash.slice(0, 16), account: 'ada', hash, scopes: ['read', 'admin'], expires: epoch, name: '' } };
  const scopes = (facts: AnyFact[], now: number): readonly string[] => {
    const { accounts } = foldSite(logOf(facts));
    return accounts.scopesOf(accounts.token(hash.slice(0, 16)) as NonNullable<ReturnType<typeof accounts.token>>, now);
  };
  expect(scopes([account('admin'), token], epoch - 1)).toEqual(['read', 'admin']);
  expect(scopes([account('admin'), token], epoch)).toEqual([]);
  expect(scopes([account('admin'), token, account('reader')], 0)).toEqual(['read']);
  expect(scopes([account('admin'), token, account('none')], 0)).toEqual([]);
  expect(scopes([token], 0)).toEqual([]);
});

test('a decision about a name goes before one about its scope, and that before first sights', () => {
  const [ada, eve, zoe] = publishers.map(String) as [string, string, string];
  const bind = (names: string[], publisher: string, by: string): AnyFact => ({ kind: 'bind', body: { names, publisher, by } });
  const { bindings } = foldSite(logOf([bind(['@team/kit', '@team/*'], ada, 'sight')]));
  expect([bindings.of('@team/kit')?.publisher, bindings.of('@team/new'), bindings.forNew('@team/new')?.publisher, bindings.forNew('new')]).toEqual([ada, undefined, ada, undefined]);
  const decided = foldSite(logOf([bind(['@team/kit'], ada, 'sight'), bind(['@team/*'], eve, 'policy'), bind(['@team/own'], zoe, 'policy')])).bindings;
  expect([decided.of('@team/kit')?.publisher, decided.of('@team/own')?.publisher, decided.of('@team/new')?.publisher]).toEqual([eve, zoe, eve]);
});

test('a ban ends by itself at its time', () => {
  const subject = { type: 'publisher' as const, id: publishers[0] as NonNullable<(typeof publishers)[0]> };
  const { bans } = foldSite(logOf([{ kind: 'ban', body: { subject, until: 100, reason: 'spam' } }]));
  expect([bans.of(subject, 99)?.reason, bans.of(subject, 100), bans.list(100).length, bans.over(100).length, bans.nextEnd()]).toEqual(['spam', undefined, 0, 1, 100]);
});
