import { z } from 'zod';
import { AccountBody, AccountId, AccountRole, Scope, TokenBody, TokenId } from '@souk/domain';

/** What a caller must be allowed to do; `any` is for whoever is let in at all, `none` for everybody: what is asked for proves itself. */
export const RouteScope = z.enum(['none', 'any', ...Scope.options]);
export type RouteScope = z.infer<typeof RouteScope>;

/** An account as the API shows it. */
export const AccountDoc = z.object({ id: AccountId, name: AccountBody.shape.name, role: AccountRole }).meta({ id: 'Account' });
export type AccountDoc = z.infer<typeof AccountDoc>;

/** A token as the API shows it: never the token itself. `scopes` is what it may do now: nothing once it is revoked or expired. Times are ISO 8601. */
export const TokenDoc = z
  .object({ id: TokenId, account: AccountId, name: TokenBody.shape.name, scopes: z.array(Scope), createdAt: z.iso.datetime(), expiresAt: z.iso.datetime().optional(), revoked: z.boolean() })
  .meta({ id: 'Token' });
export type TokenDoc = z.infer<typeof TokenDoc>;

/** A token that was just made, with its secret, which is shown this once and kept by nobody. */
export const NewToken = TokenDoc.extend({ token: z.string().max(64) }).meta({ id: 'NewToken' });
export type NewToken = z.infer<typeof NewToken>;

/** What to make or change of an account. */
export const AccountInput = z.object({ name: AccountBody.shape.name.optional(), role: AccountRole }).meta({ id: 'AccountInput' });
export type AccountInput = z.infer<typeof AccountInput>;

/** An account that was made or changed. The first account of a site, which closes it, comes with a token. */
export const AccountAnswer = AccountDoc.extend({ token: NewToken.optional() }).meta({ id: 'AccountAnswer' });
export type AccountAnswer = z.infer<typeof AccountAnswer>;

/** What a token is made with; without `expiresInSeconds` it lasts until it is revoked. */
export const TokenInput = z
  .object({ account: AccountId, scopes: z.array(Scope).min(1).max(3), name: TokenBody.shape.name.default(''), expiresInSeconds: z.int().min(60).max(315_360_000).optional() })
  .meta({ id: 'TokenInput' });
export type TokenInput = z.infer<typeof TokenInput>;

/** Who a caller is to the site: `anyone` while there are no accounts, the `operator` by SOUK_TOKEN, or an `account` by its token. */
export const Caller = z
  .object({ as: z.enum(['anyone', 'operator', 'account']), scopes: z.array(Scope), account: AccountId.optional(), token: TokenId.optional() })
  .meta({ id: 'Caller' });
export type Caller = z.infer<typeof Caller>;
