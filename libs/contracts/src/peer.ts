import { z } from 'zod';
import { Cid, KeyId, PackageName, StoredObservation, Version } from '@souk/domain';
import { KnownInput, KnownOutput } from './bulk.ts';
import { event, request, stream } from './contract.ts';
import { JoinAnswer, JoinInput, JoinTokenDoc, JoinTokenId, JoinTokenInput, NewJoinToken } from './join-token.ts';
import { CharterDoc, CharterInput, LagLine, NetworkStatus, PeerLine, SuperLine } from './network.ts';
import { PackageDoc, PackageSummary, Proof, VersionDoc } from './package-docs.ts';
import { SearchFacets, SearchQuery } from './search.ts';
import { StorageCheckEvent, StorageCheckInput, StorageStatus } from './storage.ts';
import { AppendInput, AppendOutput, LogOutput, PublisherDoc } from './wire.ts';

const name = z.object({ name: PackageName });
const subject = (verb: string): string => `souk.peer.{ordinal}.v1.${verb}`;

/** Verifies and appends records; acknowledged when they are on disk. */
export const appendRecords = request(subject('append'), { input: AppendInput, output: AppendOutput, timeoutMs: 10_000 });
/** A log's records from `from` on, at most `limit`, and its head. */
export const readLog = request(subject('log'), { input: z.object({ key: KeyId, from: z.int().min(0), limit: z.int().min(1).max(200) }), output: LogOutput, timeoutMs: 5000 });
/** What is known of a publisher, by its id or by any of its keys. */
export const readPublisher = request(subject('publisher'), { input: z.object({ id: KeyId }), output: PublisherDoc, timeoutMs: 5000 });
/** A package's document; PACKAGE_NOT_FOUND, CONTESTED_NAME. */
export const readPackage = request(subject('package'), { input: name, output: PackageDoc, timeoutMs: 5000 });
/** One version by version, tag or range; VERSION_NOT_FOUND with the versions there are. */
export const readVersion = request(subject('version'), { input: name.extend({ version: z.string().min(1).max(256) }), output: VersionDoc, timeoutMs: 5000 });
/** Which of many versions are published here, or have a name that is taken. */
export const readKnown = request(subject('known'), { input: KnownInput, output: KnownOutput, timeoutMs: 10_000 });
/** The records that prove exact versions, at most 20 in one answer. */
export const readProof = request(subject('proof'), { input: z.object({ packages: z.array(name.extend({ version: Version })).min(1).max(20) }), output: z.object({ records: Proof }), timeoutMs: 5000 });

/** A version that the resolver may choose, with what a plan says of it. */
export const CandidateDoc = z.object({ version: Version, cid: Cid, integrity: z.string(), size: z.int(), requirements: z.record(z.string(), z.string()), yanked: z.boolean() });
/** The candidates of one name, the newest 2,000 at most. A contested name has claimants and no publisher. */
export const CandidatesDoc = z.object({ name: PackageName, publisher: KeyId.optional(), claimants: z.array(KeyId), tags: z.record(z.string(), Version), candidates: z.array(CandidateDoc).max(2000) });
export type CandidatesDoc = z.infer<typeof CandidatesDoc>;
/** The candidates of several names. A name in neither list has never been published; names in `later` did not fit into this answer and are asked for again. */
export const readCandidates = request(subject('candidates'), {
  input: z.object({ names: z.array(PackageName).min(1).max(50) }),
  output: z.object({ packages: z.array(CandidatesDoc), later: z.array(PackageName) }),
  timeoutMs: 5000,
});

/** Packages touched by records that arrived after `after`, as they are now; `next` is where to go on, `caughtUp` whether that is the newest. Summaries have no stars or downloads yet: 0. */
export const readChanges = request(subject('changes'), {
  input: z.object({ after: z.int().min(0), limit: z.int().min(1).max(500) }),
  output: z.object({ packages: z.array(PackageSummary), gone: z.array(PackageName), next: z.int(), caughtUp: z.boolean() }),
  timeoutMs: 10_000,
});

/** Packages touched by what the site log decided in records after `after`, as they are now: as `readChanges`, along the site log. */
export const readPolicyChanges = request(subject('policy-changes'), { input: readChanges.input, output: readChanges.output, timeoutMs: 10_000 });

/** Progress of bringing one blob here: bytes so far of how many, from how many providers. */
export const FetchProgress = z.object({ cid: Cid, bytes: z.int(), total: z.int(), providers: z.int(), done: z.boolean() });
export type FetchProgress = z.infer<typeof FetchProgress>;
/** The versions that a blob belongs to, the first seen first; none for a blob that no release names which counts. */
export const readBlobVersions = request(subject('blob-versions'), { input: z.object({ cid: Cid }), output: z.object({ versions: z.array(z.object({ name: PackageName, version: Version })).max(16) }), timeoutMs: 10_000 });
/** Makes sure that blobs are held here, fetching what is missing; NO_PROVIDER names what can't be had. */
export const fetchBlobs = stream(subject('fetch'), {
  input: z.object({ blobs: z.array(z.object({ cid: Cid, name: PackageName, version: Version })).min(1).max(2000) }),
  item: FetchProgress,
  timeoutMs: 30_000,
});

/** Where this peer serves blob bytes inside the site, and what a caller must present. */
export const readSelf = request(subject('self'), {
  input: z.object({}),
  output: z.object({ peerId: z.string(), blobs: z.object({ url: z.url() }), status: NetworkStatus }),
  timeoutMs: 2000,
});
/** Who this peer is linked to. */
export const readPeers = request(subject('peers'), { input: z.object({}), output: z.object({ peers: z.array(PeerLine) }), timeoutMs: 2000 });
/** The super-peers that count here, linked or not. */
export const readSupers = request(subject('supers'), { input: z.object({}), output: z.object({ supers: z.array(SuperLine) }), timeoutMs: 2000 });
/** How level this peer is with those that it is linked to: at most 500, those that are ahead first; `total` is how many it is linked to. */
export const readLag = request(subject('lag'), { input: z.object({}), output: z.object({ peers: z.array(LagLine).max(500), total: z.int() }), timeoutMs: 2000 });
/** Makes a string that lets another peer join this network. */
export const makeInvite = request(subject('invite'), { input: z.object({}), output: z.object({ invite: z.string() }), timeoutMs: 2000 });
/** Makes a join token, at the primary. */
export const makeJoinToken = request(subject('join-token'), { input: JoinTokenInput, output: NewJoinToken, timeoutMs: 5000 });
/** The join tokens that count still, at the primary. */
export const listJoinTokens = request(subject('join-tokens'), { input: z.object({}), output: z.object({ tokens: z.array(JoinTokenDoc) }), timeoutMs: 2000 });
/** Ends a join token, at the primary; NOT_FOUND. */
export const revokeJoinToken = request(subject('revoke-join-token'), { input: JoinTokenId, output: JoinTokenDoc, timeoutMs: 5000 });
/** Uses a join token, at the primary; FORBIDDEN. */
export const redeemJoin = request(subject('join'), { input: JoinInput, output: JoinAnswer, timeoutMs: 5000 });
/** The network's charter; NOT_FOUND where there is none. */
export const readCharter = request(subject('charter'), { input: z.object({}), output: CharterDoc, timeoutMs: 2000 });
/** Gives a charter to this peer, which tells it to the others; BAD_CHARTER, BAD_SIGNATURE. The first one says who signs the next ones. */
export const putCharter = request(subject('put-charter'), { input: CharterInput, output: CharterDoc, timeoutMs: 5000 });
/**
 * One thing that a lookup tried: a tier, or one super-peer of it (`peer`). `outcome`: `found`, `nobody`, `failed`, `skipped` (`why`), or `waiting` when
 * it had not answered before others had. `hedged`: asked because another one was late. `dropped`: who was left out of what it said.
 */
export const LookupStep = z
  .object({
    tier: z.string().max(16),
    peer: z.string().optional(),
    asked: z.int().optional(),
    outcome: z.string().max(16),
    providers: z.int(),
    hedged: z.boolean(),
    beganMs: z.number(),
    tookMs: z.number().optional(),
    why: z.string().optional(),
    dropped: z.array(z.object({ peer: z.string(), why: z.string() })),
  })
  .meta({ id: 'LookupStep' });
export type LookupStep = z.infer<typeof LookupStep>;
/**
 * Who holds a blob, and which tier knew, with `steps`: what was tried, in order. `foundIn` says it exactly: `local`, `hot` and `warm` (caches), `super`, `peers`, `dht`, `none`; more words
 * may come. `tier` says it in the words of version 0.1, `peers` for what they lack.
 */
export const LookupAnswer = z.object({ cid: Cid, tier: z.enum(['local', 'peers', 'dht', 'none']), foundIn: z.string().max(16).optional(), providers: z.array(z.object({ peer: z.string() })), tookMs: z.number(), steps: z.array(LookupStep).optional() });
export type LookupAnswer = z.infer<typeof LookupAnswer>;
/** Finds out who holds a blob. */
export const lookupBlob = request(subject('lookup'), { input: z.object({ cid: Cid }), output: LookupAnswer, timeoutMs: 10_000 });

/** What a super-peer found, each hit proven by records that were verified here. Total, facets and first sights are what the super-peer says. */
export const NetworkSearchAnswer = z.object({ superPeer: z.string(), total: z.int(), items: z.array(PackageSummary), facets: SearchFacets, next: z.int().optional(), partial: z.boolean().optional() });
export type NetworkSearchAnswer = z.infer<typeof NetworkSearchAnswer>;
/** Has a super-peer search; of a peer that follows a list. UNAVAILABLE. */
export const searchNetwork = request(subject('search-network'), { input: SearchQuery, output: NetworkSearchAnswer, timeoutMs: 1500 });

/** Observations after `after`, oldest first. */
export const readObservations = request(subject('observations'), { input: z.object({ after: z.int().min(0), limit: z.int().min(1).max(1000) }), output: z.object({ observations: z.array(StoredObservation) }), timeoutMs: 5000 });
/** Stars of packages: how many publishers star each now. */
export const readStars = request(subject('stars'), { input: z.object({ names: z.array(PackageName).min(1).max(200) }), output: z.object({ stars: z.record(z.string(), z.int()) }), timeoutMs: 5000 });

/** What this peer keeps, and how much room it has. */
export const readStorage = request(subject('storage'), { input: z.object({}), output: StorageStatus, timeoutMs: 5000 });
/** Checks every record and blob that this peer keeps; one check at a time, UNAVAILABLE while there is another. */
export const checkStorage = stream(subject('check'), { input: StorageCheckInput, item: StorageCheckEvent, timeoutMs: 60_000 });

/** New records are on this peer's disk; projections read on from their own cursor. */
export const headMoved = event('souk.event.v1.head', z.object({ ordinal: z.int().min(0), arrival: z.int().min(0) }));
/** New observations are there to be read. */
export const observed = event('souk.event.v1.observed', z.object({ ordinal: z.int().min(0), id: z.int().min(0) }));
