import { z } from 'zod';
import { AccountId, Bindable, Cid, KeyId, PackageName, TokenId, Version } from '@souk/domain';
import { AccountAnswer, AccountDoc, AccountInput, Caller, NewToken, RouteScope, TokenDoc, TokenInput } from './access.ts';
import { BulkAnswer, KnownInput, KnownOutput } from './bulk.ts';
import { ChangeEvent, ChangesQuery } from './changes.ts';
import { InstallEvent, ProvenResolution, ResolutionInput } from './install.ts';
import { JoinAnswer, JoinInput, JoinTokenDoc, JoinTokenId, JoinTokenInput, NewJoinToken } from './join-token.ts';
import { CharterDoc, CharterInput, LagLine, NetworkStatus, PeerLine, SuperLine } from './network.ts';
import { FilesDoc, PackageDoc, VersionDoc } from './package-docs.ts';
import { lookupBlob } from './peer.ts';
import { PeerScore } from './reputation.ts';
import { SearchAnswer, SearchQuery, SuggestAnswer, SuggestQuery } from './search.ts';
import { BanDoc, BanInput, BindingDoc, TakedownDoc, TakedownInput } from './site-policy.ts';
import { StorageCheckEvent, StorageCheckInput, StorageStatus } from './storage.ts';
import { AppendInput, AppendOutput, LogOutput, PublisherDoc } from './wire.ts';

/** One route of the HTTP API: what the gateway serves, the command line calls and the OpenAPI document lists. */
export interface HttpRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** What the caller must be allowed to do. */
  readonly scope: RouteScope;
  /** Path with `{name}` parameters; a scoped package name is one segment, `@scope%2Fname`. */
  readonly path: string;
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** Schema of the JSON body, `bytes` for a blob, `car` for many blobs. */
  readonly body?: z.ZodType | 'bytes' | 'car';
  /** Whether the status is 201 when the call has made something, and 200 when that was there already. */
  readonly creates?: true;
  /** Schema of the JSON answer, `bytes` for a blob, or a list of server-sent events. */
  readonly answer: z.ZodType | 'bytes' | { readonly events: z.ZodType };
}

const route = <const R extends HttpRoute>(one: R): R => one;
const named = z.object({ name: PackageName });
/** A version, tag or range in a path. */
const versioned = named.extend({ version: z.string().min(1).max(256) });
const limit = z.coerce.number().int().min(1).max(200).default(100);

/** Every route of `/v1`. */
export const routes = {
  putBlob: route({ method: 'PUT', creates: true, scope: 'publish', path: '/v1/blobs/{cid}', summary: 'Upload a blob. 201 when it is on disk, 200 when it was held already.', params: z.object({ cid: Cid }), body: 'bytes', answer: z.object({ cid: Cid, size: z.int() }) }),
  getBlob: route({ method: 'GET', scope: 'read', path: '/v1/blobs/{cid}', summary: 'Download a blob; ranges are honoured. One that this site does not hold is fetched first if a release that counts names it.', params: z.object({ cid: Cid }), answer: 'bytes' }),
  postBlobs: route({ method: 'POST', creates: true, scope: 'publish', path: '/v1/blobs', summary: 'Upload up to 500 small blobs at once, as a CARv1 file of at most 16 MiB. 201 when they are on disk, 200 when all were held already.', body: 'car', answer: BulkAnswer }),
  postRecords: route({ method: 'POST', creates: true, scope: 'publish', path: '/v1/records', summary: 'Append signed records. 201 when they are on disk, 200 when all were held already.', body: AppendInput, answer: AppendOutput }),
  getPublisher: route({ method: 'GET', scope: 'read', path: '/v1/publishers/{id}', summary: 'A publisher: its keys, their heads and its clock.', params: z.object({ id: KeyId }), answer: PublisherDoc }),
  getLog: route({ method: 'GET', scope: 'read', path: '/v1/publishers/{id}/log', summary: "The records of one key's log.", params: z.object({ id: KeyId }), query: z.object({ after: z.coerce.number().int().min(-1).default(-1), limit }), answer: LogOutput }),
  listPackages: route({ method: 'GET', scope: 'read', path: '/v1/packages', summary: 'List packages; the same as a search without words.', query: SearchQuery, answer: SearchAnswer }),
  getPackage: route({ method: 'GET', scope: 'read', path: '/v1/packages/{name}', summary: 'A package with its versions and tags.', params: named, answer: PackageDoc }),
  getVersion: route({ method: 'GET', scope: 'read', path: '/v1/packages/{name}/{version}', summary: 'One version, by version, tag or range.', params: versioned, answer: VersionDoc }),
  postVersions: route({ method: 'POST', scope: 'read', path: '/v1/versions', summary: 'Which of up to 500 versions are published, or have a name that is taken: to be asked before publishing many.', body: KnownInput, answer: KnownOutput }),
  getTarball: route({ method: 'GET', scope: 'read', path: '/v1/packages/{name}/{version}/tarball', summary: 'The .tgz of a version.', params: versioned, answer: 'bytes' }),
  getReadme: route({ method: 'GET', scope: 'read', path: '/v1/packages/{name}/{version}/readme', summary: 'The README of a version.', params: versioned, answer: z.object({ path: z.string(), text: z.string() }).meta({ id: 'Readme' }) }),
  getFiles: route({ method: 'GET', scope: 'read', path: '/v1/packages/{name}/{version}/files', summary: 'The files of a version, with modes, sizes and hashes.', params: versioned, answer: FilesDoc }),
  getProof: route({ method: 'GET', scope: 'read', path: '/v1/packages/{name}/{version}/proof', summary: 'The signed records that prove a version.', params: named.extend({ version: Version }), answer: z.object({ records: AppendInput.shape.records }) }),
  search: route({ method: 'GET', scope: 'read', path: '/v1/search', summary: 'Search by words, with filters, facets and a true total.', query: SearchQuery, answer: SearchAnswer }),
  suggest: route({ method: 'GET', scope: 'read', path: '/v1/suggest', summary: 'Complete what someone is typing.', query: SuggestQuery, answer: SuggestAnswer }),
  getChanges: route({ method: 'GET', scope: 'read', path: '/v1/changes', summary: 'Follow the catalogue: packages as releases, yanks and tags touch them, as server-sent events without an end.', query: ChangesQuery, answer: { events: ChangeEvent } }),
  postResolution: route({ method: 'POST', scope: 'read', path: '/v1/resolutions', summary: 'Resolve requirements; the answer carries the records that prove it.', body: ResolutionInput, answer: ProvenResolution }),
  postInstall: route({ method: 'POST', scope: 'read', path: '/v1/installs', summary: 'Resolve and have the site hold every blob, with progress as server-sent events.', body: ResolutionInput, answer: { events: InstallEvent } }),
  getStars: route({ method: 'GET', scope: 'read', path: '/v1/packages/{name}/stars', summary: 'How many publishers star a package.', params: named, answer: z.object({ stars: z.int() }).meta({ id: 'Stars' }) }),
  getNetwork: route({ method: 'GET', scope: 'read', path: '/v1/network/self', summary: "This site's peer: role, addresses, links, what it holds and leases, how its lookups do, its head root.", answer: NetworkStatus }),
  getPeers: route({ method: 'GET', scope: 'read', path: '/v1/network/peers', summary: 'Who the peer is linked to.', answer: z.object({ peers: z.array(PeerLine) }).meta({ id: 'Peers' }) }),
  getSupers: route({ method: 'GET', scope: 'read', path: '/v1/network/super-peers', summary: 'The super-peers: which are linked, who named them, how their answers turned out.', answer: z.object({ supers: z.array(SuperLine) }).meta({ id: 'SuperPeers' }) }),
  getLag: route({ method: 'GET', scope: 'read', path: '/v1/network/lag', summary: 'How many records the peer is behind each of those that it is linked to, and why.', answer: z.object({ peers: z.array(LagLine), total: z.int() }).meta({ id: 'Lags' }) }),
  lookup: route({ method: 'GET', scope: 'read', path: '/v1/network/lookups/{cid}', summary: 'Who holds a blob, which tier knew, and what was tried.', params: z.object({ cid: Cid }), answer: lookupBlob.output }),
  postInvite: route({ method: 'POST', scope: 'admin', path: '/v1/network/invites', summary: 'Make an invite: a secret string that lets a peer join.', answer: z.object({ invite: z.string() }).meta({ id: 'Invite' }) }),
  postJoinToken: route({ method: 'POST', scope: 'admin', path: '/v1/network/tokens', summary: 'Make a join token: limited in uses and time, exchanged for an invite. Its secret is in this answer.', body: JoinTokenInput, answer: NewJoinToken }),
  listJoinTokens: route({ method: 'GET', scope: 'admin', path: '/v1/network/tokens', summary: 'The join tokens that count still, without their secrets.', answer: z.object({ tokens: z.array(JoinTokenDoc) }).meta({ id: 'JoinTokens' }) }),
  deleteJoinToken: route({ method: 'DELETE', scope: 'admin', path: '/v1/network/tokens/{id}', summary: 'End a join token: nobody joins by it any more.', params: JoinTokenId, answer: JoinTokenDoc }),
  postJoin: route({ method: 'POST', scope: 'none', path: '/v1/network/joins', summary: 'Use a join token: whoever proves to know its secret gets an invite that only the secret opens.', body: JoinInput, answer: JoinAnswer }),
  getCharter: route({ method: 'GET', scope: 'read', path: '/v1/network/charter', summary: "The network's charter: super-peers, scopes, limits, signed by its authority.", answer: CharterDoc }),
  putCharter: route({ method: 'PUT', scope: 'admin', path: '/v1/network/charter', summary: 'Give this site a newer charter, which it tells the whole network. The first one says who signs the next ones.', body: CharterInput, answer: CharterDoc }),
  getScores: route({ method: 'GET', scope: 'read', path: '/v1/reputation/peers', summary: 'Reputation of the peers that were fetched from.', answer: z.object({ peers: z.array(PeerScore) }).meta({ id: 'Scores' }) }),
  getStorage: route({ method: 'GET', scope: 'read', path: '/v1/storage', summary: 'What the peer keeps and how much room it has.', answer: StorageStatus }),
  postCheck: route({ method: 'POST', scope: 'admin', path: '/v1/storage/checks', summary: 'Check every record and blob that the peer keeps, with findings as server-sent events.', body: StorageCheckInput, answer: { events: StorageCheckEvent } }),
  getBackup: route({ method: 'GET', scope: 'admin', path: '/v1/storage/backup', summary: 'A backup of records and blobs as a tar stream. Keys are never in it.', query: z.object({ cached: z.enum(['yes', 'no']).default('yes') }), answer: 'bytes' }),
  getCaller: route({ method: 'GET', scope: 'any', path: '/v1/caller', summary: 'Who the caller is to this site, and what it may do.', answer: Caller }),
  listAccounts: route({ method: 'GET', scope: 'admin', path: '/v1/accounts', summary: 'All accounts of this site.', answer: z.object({ accounts: z.array(AccountDoc) }).meta({ id: 'Accounts' }) }),
  putAccount: route({ method: 'PUT', creates: true, scope: 'admin', path: '/v1/accounts/{id}', summary: 'Make or change an account. The first one closes the site, must be an admin, and comes with a token.', params: z.object({ id: AccountId }), body: AccountInput, answer: AccountAnswer }),
  listTokens: route({ method: 'GET', scope: 'admin', path: '/v1/tokens', summary: 'All tokens of this site, without their secrets.', answer: z.object({ tokens: z.array(TokenDoc) }).meta({ id: 'Tokens' }) }),
  postToken: route({ method: 'POST', creates: true, scope: 'admin', path: '/v1/tokens', summary: 'Make a token. Its secret is in this answer and nowhere else.', body: TokenInput, answer: NewToken }),
  deleteToken: route({ method: 'DELETE', scope: 'any', path: '/v1/tokens/{id}', summary: 'Revoke a token for ever: the one that this call is made with, or with the scope admin any other. Every gateway refuses it within a second.', params: z.object({ id: TokenId }), answer: TokenDoc }),
  listBindings: route({ method: 'GET', scope: 'read', path: '/v1/site/bindings', summary: 'To whom names and scopes belong at this site: by first sight, or because somebody decided so.', query: z.object({ after: z.string().max(214).optional(), limit: z.coerce.number().int().min(1).max(1000).default(100), by: z.enum(['sight', 'policy']).optional() }), answer: z.object({ bindings: z.array(BindingDoc) }).meta({ id: 'Bindings' }) }),
  putBinding: route({ method: 'PUT', scope: 'admin', path: '/v1/site/bindings/{name}', summary: 'Decide to whom a name belongs, or a scope, as in `@team%2F*`.', params: z.object({ name: Bindable }), body: z.object({ publisher: KeyId }).meta({ id: 'BindingInput' }), answer: BindingDoc }),
  deleteBinding: route({ method: 'DELETE', scope: 'admin', path: '/v1/site/bindings/{name}', summary: 'Take a binding back.', params: z.object({ name: Bindable }), answer: BindingDoc }),
  listBans: route({ method: 'GET', scope: 'admin', path: '/v1/site/bans', summary: 'Who is shut out now.', answer: z.object({ bans: z.array(BanDoc) }).meta({ id: 'Bans' }) }),
  postBan: route({ method: 'POST', creates: true, scope: 'admin', path: '/v1/site/bans', summary: 'Shut a peer, publisher or key out, for a time or until it is let in again.', body: BanInput, answer: BanDoc }),
  deleteBan: route({ method: 'DELETE', scope: 'admin', path: '/v1/site/bans/{type}/{id}', summary: 'Let somebody in again.', params: z.object({ type: z.enum(['peer', 'publisher', 'key']), id: z.string().max(100) }), answer: BanDoc }),
  listTakedowns: route({ method: 'GET', scope: 'read', path: '/v1/site/takedowns', summary: 'What was taken down here, and why.', answer: z.object({ takedowns: z.array(TakedownDoc) }).meta({ id: 'Takedowns' }) }),
  postTakedown: route({ method: 'POST', creates: true, scope: 'admin', path: '/v1/site/takedowns', summary: 'Take a version, a blob or a record down: erase it here, and neither serve nor take it again. For good.', body: TakedownInput, answer: TakedownDoc }),
} as const;

/** Default address of a site. */
export const defaultSite = 'http://127.0.0.1:7685';
