import type { BodyOf } from '../record/body.ts';
import type { AccountRole, Scope } from '../record/site-body.ts';

/** An account as it is now. */
export type Account = Readonly<Pick<BodyOf<'account'>, 'id' | 'name' | 'role'>>;

/** A token as it is now; the hash is all that is known of its secret. */
export interface Token extends Readonly<Pick<BodyOf<'token'>, 'id' | 'account' | 'hash' | 'scopes' | 'expires' | 'name'>> {
  /** Milliseconds since 1970 by the site's clock, for display. */
  readonly createdAt: number;
  readonly revoked: boolean;
}

/** What each role may do at most. */
export const roleScopes: Readonly<Record<AccountRole, readonly Scope[]>> = { reader: ['read'], publisher: ['read', 'publish'], admin: ['read', 'publish', 'admin'], none: [] };

/** Accounts and tokens, as the records of a site log in their order make them. */
export class Accounts {
  readonly #accounts = new Map<string, Account>();
  readonly #tokens = new Map<string, Token>();
  /** Ids that were revoked, also before their token was seen: a revocation is for ever. */
  readonly #revoked = new Set<string>();

  /** Takes the next word about an account: the last one counts. */
  takeAccount({ id, name, role }: BodyOf<'account'>): void {
    this.#accounts.set(id, { id, name, role });
  }

  /** Takes a new token; an id is given once, so nothing written later can change or revive a token. */
  takeToken({ id, account, hash, scopes, expires, name }: BodyOf<'token'>, createdAt: number): void {
    if (this.#tokens.has(id)) return;
    this.#tokens.set(id, { id, account, hash, scopes, name, createdAt, revoked: this.#revoked.has(id), ...(expires === undefined ? {} : { expires }) });
  }

  /** Takes a revocation. */
  takeRevocation({ id }: BodyOf<'token-revoke'>): void {
    this.#revoked.add(id);
    const token = this.#tokens.get(id);
    if (token) this.#tokens.set(id, { ...token, revoked: true });
  }

  /** Whether anybody has ever had an account here. */
  get any(): boolean {
    return this.#accounts.size > 0;
  }

  /** One account. */
  account(id: string): Account | undefined {
    return this.#accounts.get(id);
  }

  /** All accounts by id, closed ones among them. */
  accounts(): readonly Account[] {
    return [...this.#accounts.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** One token. */
  token(id: string): Token | undefined {
    return this.#tokens.get(id);
  }

  /** All tokens in the order in which they were made, revoked ones among them. */
  tokens(): readonly Token[] {
    return [...this.#tokens.values()];
  }

  /** What the holder of a token may do at a time (milliseconds since 1970): nothing once it is revoked or expired, never more than its account may now. */
  scopesOf(token: Token, now: number): readonly Scope[] {
    if (token.revoked || (token.expires !== undefined && now >= token.expires)) return [];
    const most = roleScopes[this.#accounts.get(token.account)?.role ?? 'none'];
    return token.scopes.filter((scope) => most.includes(scope));
  }
}
