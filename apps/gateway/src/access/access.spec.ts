import { expect, test } from '@jest/globals';
import { formatToken, SoukError, tokenHash, tokenIdOf, type Scope } from '@souk/domain';
import { SitePeer } from '../testing/site-peer.ts';
import { Access, OperatorToken, requireScope } from './access.ts';

const operator = 'the-token-of-the-operator';
const now = 1_800_000_000_000;
const secretOf = (n: number): string => formatToken(new Uint8Array(32).fill(n));

function site(): SitePeer {
  const peer = new SitePeer();
  peer.append({ kind: 'account', body: { id: 'ada', name: 'Ada', role: 'publisher' } });
  return peer;
}

function give(peer: SitePeer, secret: string, scopes: Scope[], expires?: number): string {
  const hash = tokenHash(secret);
  peer.write('token', { id: tokenIdOf(hash), account: 'ada', hash, scopes, name: '', ...(expires === undefined ? {} : { expires }) });
  return `Bearer ${secret}`;
}

const access = (peer: SitePeer, token?: string): Access => new Access(new OperatorToken(token), { known: undefined, fresh: async () => peer.state }, () => now);

test('a site without accounts and without an operator token lets everybody in; the first account closes it', async () => {
  const peer = new SitePeer();
  expect(await access(peer).callerOf(undefined)).toMatchObject({ as: 'anyone', scopes: ['read', 'publish', 'admin'] });
  await expect(access(peer, operator).callerOf(undefined)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  peer.append({ kind: 'account', body: { id: 'ada', name: 'Ada', role: 'admin' } });
  await expect(access(peer).callerOf(undefined)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  // Closing the account does not open the site again.
  peer.append({ kind: 'account', body: { id: 'ada', name: 'Ada', role: 'none' } });
  await expect(access(peer).callerOf(undefined)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
});

test("the operator's token does everything, also when no peer is heard; other tokens do nothing then", async () => {
  const deaf = new Access(new OperatorToken(operator), { known: undefined, fresh: async () => Promise.reject(new SoukError('UNAVAILABLE', 'nobody')) }, () => now);
  expect(await deaf.callerOf(`Bearer ${operator}`)).toEqual({ as: 'operator', scopes: ['read', 'publish', 'admin'] });
  await expect(deaf.callerOf(`Bearer ${secretOf(1)}`)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await expect(deaf.callerOf('Bearer wrong')).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
});

test('a site that is known to be open stays so while no peer is heard; one that has accounts does not let anybody in then', async () => {
  const peer = new SitePeer();
  const deaf = new Access(new OperatorToken(undefined), { known: peer.state, fresh: async () => Promise.reject(new SoukError('UNAVAILABLE', 'nobody')) }, () => now);
  expect(await deaf.callerOf(undefined)).toMatchObject({ as: 'anyone' });
  peer.append({ kind: 'account', body: { id: 'ada', name: 'Ada', role: 'admin' } });
  await expect(deaf.callerOf(give(peer, secretOf(1), ['read']))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('a token names its account and has its scopes, none beyond what the account may', async () => {
  const peer = site();
  const bearer = give(peer, secretOf(1), ['read', 'admin']);
  expect(await access(peer).callerOf(bearer)).toEqual({ as: 'account', account: 'ada', token: tokenIdOf(tokenHash(secretOf(1))), scopes: ['read'] });
  expect(() => requireScope({ as: 'account', scopes: ['read'] }, 'admin')).toThrow(expect.objectContaining({ code: 'FORBIDDEN', details: { needs: 'admin', has: ['read'] } }));
});

test.each<[string, (peer: SitePeer) => string | undefined]>([
  ['no token', () => undefined],
  ['no bearer', () => 'Basic YTpi'],
  ['a token that nobody made', () => `Bearer ${secretOf(9)}`],
  ['one that begins as another', (peer) => {
    const hash = tokenHash(secretOf(9));
    peer.write('token', { id: tokenIdOf(hash), account: 'ada', hash: tokenIdOf(hash) + '0'.repeat(48), scopes: ['read'], name: '' });
    return `Bearer ${secretOf(9)}`;
  }],
  ['the hash instead of the token', (peer) => (give(peer, secretOf(1), ['read']), `Bearer ${tokenHash(secretOf(1))}`)],
  ['a revoked one', (peer) => {
    const bearer = give(peer, secretOf(1), ['read']);
    peer.append({ kind: 'token-revoke', body: { id: tokenIdOf(tokenHash(secretOf(1))) } });
    return bearer;
  }],
  ['an expired one', (peer) => give(peer, secretOf(1), ['read'], now)],
  ['one of a closed account', (peer) => {
    const bearer = give(peer, secretOf(1), ['read']);
    peer.append({ kind: 'account', body: { id: 'ada', name: 'Ada', role: 'none' } });
    return bearer;
  }],
])('%s is refused', async (_what, given) => {
  const peer = site();
  give(peer, secretOf(7), ['read']);
  await expect(access(peer).callerOf(given(peer))).rejects.toMatchObject({ code: 'UNAUTHORIZED', hint: expect.any(String) });
});
