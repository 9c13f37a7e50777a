import { z } from 'zod';
import { Hex32 } from '../id/bytes.ts';
import { Cid } from '../id/cid.ts';
import { KeyId } from '../id/key-id.ts';
import { PackageName } from '../id/package-name.ts';
import { PeerId } from '../id/peer-id.ts';
import { Version } from '../id/version.ts';

const time = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const reason = z.string().max(1024);

/** What a token lets its holder do: `read` everything, `publish` blobs and records, `admin`ister the site. One does not include another. */
export const Scope = z.enum(['read', 'publish', 'admin']).meta({ id: 'Scope' });
export type Scope = z.infer<typeof Scope>;

/** What an account may do at most; `none` for one that is closed. */
export const AccountRole = z.enum(['reader', 'publisher', 'admin', 'none']).meta({ id: 'AccountRole' });
export type AccountRole = z.infer<typeof AccountRole>;

/** A handle of an account, as in ada or ci-2. */
export const AccountId = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'must be a lower-case word');
/** A token's name for its site: the first 16 hexadecimal digits of its hash. */
export const TokenId = z.string().regex(/^[0-9a-f]{16}$/, 'must be 16 hexadecimal digits');
/** All names of a scope, as in `@team/*`. */
export const ScopePattern = z.string().max(214).regex(/^@[a-z0-9~][a-z0-9._~-]*\/\*$/, 'must be a scope as in @team/*');
/** What can be bound to a publisher: a name, or all names of a scope. */
export const Bindable = z.union([ScopePattern, PackageName]);
export type Bindable = z.infer<typeof Bindable>;

/** Somebody who uses the site; the last word about an id counts. */
export const AccountBody = z.looseObject({ id: AccountId, name: z.string().min(1).max(200), role: AccountRole });
/** A token of an account. Of the token itself only the SHA-256 is kept, in hexadecimal; `id` is how that begins. `expires` is milliseconds since 1970. */
export const TokenBody = z.looseObject({ id: TokenId, account: AccountId, hash: Hex32, scopes: z.array(Scope).min(1).max(3), expires: time.optional(), name: z.string().max(200) });
/** A token counts no longer; this can't be taken back. */
export const TokenRevokeBody = z.looseObject({ id: TokenId });
/** Most names that one `bind` record binds. */
export const maxBound = 256;
/** The version of the network's charter that says so; it goes before what the site decides. */
const charter = z.int().min(1).optional();
/**
 * Names and scopes belong to a publisher at this site. `sight`: because it was seen with them first, which only counts for what is not
 * bound yet. `policy`: because somebody decided so, which replaces what was bound before: the site, or the `charter` of the network.
 */
export const BindBody = z.looseObject({ names: z.array(Bindable).min(1).max(maxBound), publisher: KeyId, by: z.enum(['sight', 'policy']), charter });
/** A binding is taken back; the next first sight, or somebody, binds anew. With `charter`: the network's, and what the site decided counts again. */
export const UnbindBody = z.looseObject({ name: Bindable, charter });

/** Whom a ban is about. */
export const BanSubject = z.discriminatedUnion('type', [
  z.object({ type: z.literal('peer'), id: PeerId }),
  z.object({ type: z.literal('publisher'), id: KeyId }),
  z.object({ type: z.literal('key'), id: KeyId }),
]);
export type BanSubject = z.infer<typeof BanSubject>;
/** A peer, publisher or key is shut out, until a time (milliseconds since 1970) or, without one, until it is let in again. */
export const BanBody = z.looseObject({ subject: BanSubject, until: time.optional(), reason });
/** A ban ends. */
export const UnbanBody = z.looseObject({ subject: BanSubject });

/** What is taken down: a blob, with the packages that it was found in, a version with the blobs that it had here, or what one record says. */
export const TakedownSubject = z.discriminatedUnion('type', [
  z.object({ type: z.literal('blob'), cid: Cid, names: z.array(PackageName).max(64).optional() }),
  z.object({ type: z.literal('version'), name: PackageName, version: Version, cids: z.array(Cid).max(64) }),
  // `names`: the packages that the record named while it could be read.
  z.object({ type: z.literal('record'), key: KeyId, seq: time, names: z.array(PackageName).max(64).optional() }),
]);
export type TakedownSubject = z.infer<typeof TakedownSubject>;
/** Bodies and blobs are erased and no longer served or taken; this can't be taken back. */
export const TakedownBody = z.looseObject({ subject: TakedownSubject, reason });

/** Kinds of records that only the site log has. */
export const siteBodies = {
  account: AccountBody,
  token: TokenBody,
  'token-revoke': TokenRevokeBody,
  bind: BindBody,
  unbind: UnbindBody,
  ban: BanBody,
  unban: UnbanBody,
  takedown: TakedownBody,
} as const;

/** A kind of record that only the site log has. */
export type SiteKind = keyof typeof siteBodies;

/** Whether a kind belongs into the site log only. */
export function isSiteKind(kind: string): kind is SiteKind {
  return Object.hasOwn(siteBodies, kind);
}
