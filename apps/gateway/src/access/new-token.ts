import { randomBytes } from 'node:crypto';
import type { NewToken, TokenDoc, TokenInput } from '@souk/contracts';
import { formatToken, tokenHash, tokenIdOf, type Accounts, type SiteIntent, type Token } from '@souk/domain';

/** A token as the API shows it. */
export function tokenDoc(token: Token, accounts: Accounts, now: number): TokenDoc {
  const { id, account, name, createdAt, expires, revoked } = token;
  return { id, account, name, scopes: [...accounts.scopesOf(token, now)], createdAt: new Date(createdAt).toISOString(), revoked, ...(expires === undefined ? {} : { expiresAt: new Date(expires).toISOString() }) };
}

/** Makes a token of 256 random bits: the intent to write its hash, and the secret that only its holder gets. */
export function newToken(input: TokenInput, now: number): { readonly intent: SiteIntent & { readonly kind: 'token' }; readonly secret: string } {
  const secret = formatToken(new Uint8Array(randomBytes(32)));
  const hash = tokenHash(secret);
  const { account, scopes, name, expiresInSeconds } = input;
  const body = { id: tokenIdOf(hash), account, hash, scopes: [...new Set(scopes)], name, ...(expiresInSeconds === undefined ? {} : { expires: now + expiresInSeconds * 1000 }) };
  return { intent: { kind: 'token', body }, secret };
}

/** The answer that shows a secret, once. */
export function withSecret(doc: TokenDoc, secret: string): NewToken {
  return { ...doc, token: secret };
}
