import { z } from 'zod';

/** A peer's role in its network. */
export const Role = z.enum(['leaf', 'full', 'super']).meta({ id: 'Role' });
export type Role = z.infer<typeof Role>;

/** A link to another peer. `score` is its reputation, `latencyMs` its last ping. */
export const PeerLine = z
  .object({ peer: z.string(), addresses: z.array(z.string()), direction: z.enum(['inbound', 'outbound']), inSync: z.boolean(), latencyMs: z.number().optional(), score: z.number().optional() })
  .meta({ id: 'PeerLine' });
export type PeerLine = z.infer<typeof PeerLine>;

/** What a peer says of itself. `headRoot` is equal at peers that hold the same records; `supers` are the super-peers it is linked to, `index` what a super-peer knows of others. */
export const NetworkStatus = z
  .object({
    peerId: z.string(),
    role: Role,
    network: z.string(),
    multiaddrs: z.array(z.string()),
    links: z.int(),
    supers: z.array(z.string()).optional(),
    index: z.object({ leases: z.int(), pairs: z.int(), cids: z.int() }).optional(),
    logs: z.int(),
    records: z.int(),
    arrival: z.int(),
    headRoot: z.string(),
    blobs: z.int(),
  })
  .meta({ id: 'NetworkStatus' });
export type NetworkStatus = z.infer<typeof NetworkStatus>;
