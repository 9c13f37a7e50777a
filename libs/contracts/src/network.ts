import { z } from 'zod';
import { Bindable, CharterLimits, CharterSuper, KeyId } from '@souk/domain';

/** A peer's role in its network. */
export const Role = z.enum(['leaf', 'full', 'super']).meta({ id: 'Role' });
export type Role = z.infer<typeof Role>;

/** A link to another peer. `score` is its reputation, `latencyMs` its last ping. */
export const PeerLine = z
  .object({ peer: z.string(), addresses: z.array(z.string()), direction: z.enum(['inbound', 'outbound']), inSync: z.boolean(), latencyMs: z.number().optional(), score: z.number().optional() })
  .meta({ id: 'PeerLine' });
export type PeerLine = z.infer<typeof PeerLine>;

const when = z.iso.datetime();
const hits = { asked: z.int(), hits: z.int() };

/** The lease by which others know what a peer serves: how many blobs, which super-peers hold it, since when and how long unless it is renewed. */
export const LeaseDoc = z
  .object({ epoch: z.int(), n: z.int(), blobs: z.int(), holders: z.array(z.object({ peer: z.string(), renewedAt: when, endsAt: when })) })
  .meta({ id: 'Lease' });

/** How the tiers of lookups do, in the order in which they are asked: since `since`, and in the last `recentSeconds`. */
export const TiersDoc = z
  .object({ since: when, recentSeconds: z.int(), tiers: z.array(z.object({ tier: z.string().max(16), ...hits, recent: z.object(hits) })) })
  .meta({ id: 'Tiers' });

/** What a peer says of itself. `headRoot` is equal at peers that hold the same records; `supers` are the super-peers it is linked to, `index` what a super-peer knows of others, `identities` all identities over the store where there are several. */
export const NetworkStatus = z
  .object({
    peerId: z.string(),
    identities: z.array(z.string()).optional(),
    role: Role,
    zone: z.string().optional(),
    network: z.string(),
    multiaddrs: z.array(z.string()),
    links: z.int(),
    supers: z.array(z.string()).optional(),
    /** The network's charter, where this peer knows who signs it; version 0 until it has one. */
    charter: z.object({ version: z.int(), authority: KeyId, supers: z.int() }).optional(),
    /**
     * Whether what this peer holds is all there is, where there is a charter: stale, and since when, unless `needed` of the charter's super-peers have signed
     * lately what there is and all of it is held here; `attested` are those that have ever.
     */
    freshness: z.object({ stale: z.boolean(), since: z.iso.datetime().optional(), needed: z.int(), attested: z.array(z.object({ peer: z.string(), at: z.iso.datetime() })) }).optional(),
    /** What a peer follows that does not follow all logs: entries of its list, and the logs that they mean as far as it is known. */
    follows: z.object({ listed: z.int(), logs: z.int() }).optional(),
    index: z.object({ leases: z.int(), pairs: z.int(), cids: z.int() }).optional(),
    /** This peer's own lease; of several identities that of the first. */
    lease: LeaseDoc.optional(),
    /** Blobs that all identities lease together. */
    leased: z.int().optional(),
    lookups: TiersDoc.optional(),
    /** Linked peers that have what is not here, and since when there is such a one. */
    behind: z.object({ peers: z.int(), since: when.optional() }).optional(),
    logs: z.int(),
    records: z.int(),
    arrival: z.int(),
    headRoot: z.string(),
    blobs: z.int(),
  })
  .meta({ id: 'NetworkStatus' });
export type NetworkStatus = z.infer<typeof NetworkStatus>;

/** A super-peer as this site's peer knows it; `named` says by whom: `charter`, `configured`, `told` by another super-peer. */
export const SuperLine = z
  .object({
    peer: z.string().optional(),
    addresses: z.array(z.string()),
    named: z.string().max(16),
    /** Of the peer's identities, those that are linked to it. */
    links: z.int(),
    latencyMs: z.number().optional(),
    /** The zone that it says it is in. */
    zone: z.string().max(63).optional(),
    /** What it has in common with another one that is linked, because nothing better is known here: `zone` or `addresses`. */
    shares: z.string().max(16).optional(),
    /** How its answers turned out since the peer started: `ok`, `silent`, `bad-answer`, `omitted`, `invented`, `dead`, `frozen`; more words may come. */
    answers: z.record(z.string().max(16), z.int()),
    /** Answers that were checked with another super-peer. */
    audits: z.int(),
    answeredAt: when.optional(),
    answerMs: z.number().optional(),
    failedAt: when.optional(),
    failedBy: z.string().max(16).optional(),
    /** When it signed last what there is, where all of that is held here. */
    attestedAt: when.optional(),
    /** Whether it leases what this peer serves. */
    holdsLease: z.boolean(),
  })
  .meta({ id: 'SuperPeer' });
export type SuperLine = z.infer<typeof SuperLine>;

/** How level the peer is with one that it is linked to: `behind` counts the records that the other one was seen to have and that are not here. */
export const LagLine = z
  .object({
    peer: z.string(),
    inSync: z.boolean(),
    behind: z.int().optional(),
    since: when.optional(),
    exchangedAt: when.optional(),
    records: z.int().optional(),
    error: z.object({ code: z.string(), message: z.string(), at: when }).optional(),
  })
  .meta({ id: 'Lag' });
export type LagLine = z.infer<typeof LagLine>;

/** A network's charter: what it says, and as the text that `souk network charter FILE` takes. `at` is when it was signed. */
export const CharterDoc = z
  .object({
    network: z.string(),
    version: z.int(),
    authority: KeyId,
    at: z.iso.datetime(),
    supers: z.array(CharterSuper),
    scopes: z.array(z.object({ name: Bindable, publisher: KeyId })),
    limits: CharterLimits,
    text: z.string(),
  })
  .meta({ id: 'Charter' });
export type CharterDoc = z.infer<typeof CharterDoc>;

/** A charter as text. */
export const CharterInput = z.object({ text: z.string().min(1).max(200_000) }).meta({ id: 'CharterInput' });
export type CharterInput = z.infer<typeof CharterInput>;
