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

/** What a peer says of itself. `headRoot` is equal at peers that hold the same records; `supers` are the super-peers it is linked to, `index` what a super-peer knows of others, `identities` all identities over the store where there are several. */
export const NetworkStatus = z
  .object({
    peerId: z.string(),
    identities: z.array(z.string()).optional(),
    role: Role,
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
    index: z.object({ leases: z.int(), pairs: z.int(), cids: z.int() }).optional(),
    logs: z.int(),
    records: z.int(),
    arrival: z.int(),
    headRoot: z.string(),
    blobs: z.int(),
  })
  .meta({ id: 'NetworkStatus' });
export type NetworkStatus = z.infer<typeof NetworkStatus>;

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
