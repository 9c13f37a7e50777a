import { createHash, timingSafeEqual } from 'node:crypto';
import type { Caller, RouteScope } from '@souk/contracts';
import { isToken, SoukError, tokenHash, tokenIdOf, type Scope, type SiteState } from '@souk/domain';
import type { SiteFollower } from './site-follower.ts';

const everything: readonly Scope[] = ['read', 'publish', 'admin'];
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The operator's token, SOUK_TOKEN: it comes with the start of the site and may do everything, also before there are accounts. */
export class OperatorToken {
  readonly #expected: Buffer | undefined;

  constructor(token: string | undefined) {
    this.#expected = token === undefined ? undefined : digest(token);
  }

  /** Whether there is one. */
  get isSet(): boolean {
    return this.#expected !== undefined;
  }

  /** Whether this is it. Compared in constant time. */
  matches(given: string): boolean {
    return this.#expected !== undefined && timingSafeEqual(digest(given), this.#expected);
  }

  /** UNAUTHORIZED unless the header carries it, where there is one: for what is answered before any other service is asked. */
  refusal(authorization: string | undefined): SoukError | undefined {
    const given = bearerOf(authorization);
    return this.#expected === undefined || (given !== undefined && this.matches(given)) ? undefined : unauthorized(given);
  }
}

/** The bearer token of an authorization header (RFC 6750). */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
}

function unauthorized(given: string | undefined, why = 'The token is not one of this site, or it was revoked or has expired.'): SoukError {
  return new SoukError('UNAUTHORIZED', given === undefined ? 'This site asks for a token.' : why, { hint: 'An administrator of the site makes one: souk token create ACCOUNT. Then: souk login.' });
}

/**
 * Says who a caller is. The operator's token may do everything. Without it, and before there is an account, a gateway that listens on
 * loopback lets everybody in; from the first account on everybody needs a token.
 */
export class Access {
  readonly #operator: OperatorToken;
  readonly #site: Pick<SiteFollower, 'fresh' | 'known'>;
  readonly #now: () => number;

  constructor(operator: OperatorToken, site: Pick<SiteFollower, 'fresh' | 'known'>, now: () => number = Date.now) {
    this.#operator = operator;
    this.#site = site;
    this.#now = now;
  }

  /** Whether there are neither accounts nor an operator's token: the site is open to this machine. */
  isOpen(state: SiteState): boolean {
    return !this.#operator.isSet && !state.accounts.any;
  }

  /** The caller behind an authorization header. Throws UNAUTHORIZED, and UNAVAILABLE when nobody tells whether a token still counts. */
  async callerOf(authorization: string | undefined): Promise<Caller> {
    const given = bearerOf(authorization);
    if (given !== undefined && this.#operator.matches(given)) return { as: 'operator', scopes: [...everything] };
    // Whether the site is open depends on the operator's token alone where there is one, so nothing has to be asked to refuse.
    if (given === undefined && this.#operator.isSet) throw unauthorized(given);
    if (given !== undefined && this.#operator.isSet && !isToken(given)) throw unauthorized(given);
    const { known } = this.#site;
    // An open site protects nothing that old knowledge could give away: it goes on answering while its peer starts again.
    const state = known && this.isOpen(known) ? known : await this.#site.fresh();
    if (this.isOpen(state)) return { as: 'anyone', scopes: [...everything] };
    if (given === undefined || !isToken(given)) throw unauthorized(given);
    return this.#holderOf(given, state);
  }

  #holderOf(given: string, { accounts }: SiteState): Caller {
    const hash = tokenHash(given);
    const token = accounts.token(tokenIdOf(hash));
    // The whole hash in constant time: the look-up by its beginning tells nothing that the id does not.
    if (!token || !timingSafeEqual(Buffer.from(token.hash, 'hex'), Buffer.from(hash, 'hex'))) throw unauthorized(given);
    const scopes = accounts.scopesOf(token, this.#now());
    if (scopes.length === 0) throw unauthorized(given, token.revoked ? 'The token was revoked.' : 'The token has expired, or its account was closed.');
    return { as: 'account', scopes: [...scopes], account: token.account, token: token.id };
  }
}

/** FORBIDDEN when a caller may not do what a route needs. */
export function requireScope(caller: Caller, needed: RouteScope): void {
  if (needed === 'none' || needed === 'any' || caller.scopes.includes(needed)) return;
  throw new SoukError('FORBIDDEN', `This needs the scope ${needed}; the token has ${caller.scopes.join(', ')}.`, { hint: 'Ask an administrator of the site for a token that has it.', details: { needs: needed, has: caller.scopes } });
}
