import type { Role } from '@souk/contracts';

/** What one peer may use, and how long it waits for others. Bytes, milliseconds, counts. */
export interface PeerLimits {
  /** Connections in all; beyond it the least useful are closed. */
  readonly connections: number;
  /** Connections of one peer; one more closes its oldest. Two come about when both sides dial at once, and as many may be relayed. */
  readonly connectionsPerPeer: number;
  /** Connections that one peer may begin: at once after a pause, and in a second. Each costs a handshake. */
  readonly connectsAtOnce: number;
  readonly connectsPerSecond: number;
  /** Connections of one address group, outside of shared ranges, that may be refused for that before it gets no handshake any more: at once, and in a second. */
  readonly refusalsAtOnce: number;
  readonly refusalsPerSecond: number;
  /** New inbound connections per second from one host. */
  readonly inboundPerSecond: number;
  /** Inbound connections whose handshake is not finished. */
  readonly pendingInbound: number;
  /** Streams that one connection may hold open towards us. */
  readonly streams: number;
  /** Blob streams that one peer may hold open towards us, over however many connections; one more ends its oldest. */
  readonly blobStreams: number;
  /** Links that are actively sought. */
  readonly neighbours: number;
  /** Links that are kept although nobody uses them; more of them are hung up when they are `spareMs` old. */
  readonly links: number;
  readonly spareMs: number;
  /** How often the DHT is asked for those nearest to us. */
  readonly selfQueryMs: number;
  /** How long a peer that answers of the DHT named is not looked at again, and with how many links none is dialled only to know whether it is there. */
  readonly noticeMs: number;
  readonly tableLinks: number;
  /** Longest time until a stream to a peer is open, with the dial and the search for its address where needed. */
  readonly dialMs: number;
  /** How often each link is asked whether it lives. */
  readonly pingMs: number;
  /** Longest time between two dials of an address that does not answer, and between two looks for peers that were lost. */
  readonly longestRedialMs: number;
  /** Longest silence before a frame that we wait for. */
  readonly frameMs: number;
  /** Longest exchange of `/souk/sync/1` that we serve. */
  readonly serveMs: number;
  /** Most frames that one served stream may ask for. */
  readonly serveRequests: number;
  /** Exchanges of `/souk/sync/1` that we run at once. */
  readonly parallelSyncs: number;
  /** Bounds of one exchange that we run; a longer one is continued by the next. */
  readonly syncMs: number;
  /** An exchange that brings no new record for this long ends when somebody else waits for its place. */
  readonly syncIdleMs: number;
  readonly syncRecords: number;
  readonly syncBytes: number;
  /** Nodes of another peer's tree of heads that one exchange asks for. */
  readonly syncNodes: number;
  /** Gossiped records that wait for the disk; beyond it they are left to sync. */
  readonly gossipBuffer: number;
  /** Bytes of news that a super-peer keeps for leaves that are slow to read; who is behind by more has to sync. */
  readonly pushBytes: number;
  /** How often a super-peer tells a leaf its head root, when there is nothing to push. */
  readonly pushBeatMs: number;
  /** Blobs fetched at once. */
  readonly parallelFetches: number;
  /** Providers that serve one fetch at once. */
  readonly providersPerFetch: number;
  /** Linked peers asked at once whether they have a blob, and how long we wait for each. */
  readonly parallelAsks: number;
  readonly askMs: number;
  /** A provider that sends nothing for this long is dropped. */
  readonly stallMs: number;
  /** A provider slower than this over a whole chunk is dropped; bytes per second. */
  readonly minRate: number;
  /** Bytes that all blobs together may be served and fetched with; bytes per second. */
  readonly uploadRate: number;
  readonly downloadRate: number;
  /** A chunk that takes longer than this is asked of a second provider too. */
  readonly hedgeMs: number;
  /** How often more providers are looked for while a blob is fetched. */
  readonly searchAgainMs: number;
  /** Longest search in the DHT. */
  readonly dhtMs: number;
  /** Own cids announced in the DHT; by a leaf while no super-peer answers. */
  readonly providedCids: number;
  /** Provider records kept for others, in all and of one peer; peers remembered. */
  readonly providerRecords: number;
  readonly providerRecordsPerPeer: number;
  readonly peerRecords: number;
}

/** The limits of a full peer. */
export const fullPeerLimits: PeerLimits = {
  connections: 64,
  connectionsPerPeer: 4,
  connectsAtOnce: 16,
  connectsPerSecond: 0.5,
  refusalsAtOnce: 32,
  refusalsPerSecond: 1,
  inboundPerSecond: 64,
  pendingInbound: 32,
  streams: 16,
  blobStreams: 10,
  neighbours: 8,
  links: 48,
  spareMs: 30_000,
  selfQueryMs: 60_000,
  noticeMs: 300_000,
  tableLinks: 16,
  dialMs: 5000,
  pingMs: 15_000,
  longestRedialMs: 20_000,
  frameMs: 10_000,
  serveMs: 300_000,
  serveRequests: 100_000,
  parallelSyncs: 2,
  syncMs: 60_000,
  syncIdleMs: 5000,
  syncRecords: 200_000,
  syncBytes: 268_435_456,
  syncNodes: 100_000,
  gossipBuffer: 1000,
  pushBytes: 1_048_576,
  pushBeatMs: 120_000,
  parallelFetches: 6,
  providersPerFetch: 4,
  parallelAsks: 16,
  askMs: 2000,
  stallMs: 3000,
  minRate: 32_768,
  uploadRate: Infinity,
  downloadRate: Infinity,
  hedgeMs: 400,
  searchAgainMs: 1000,
  dhtMs: 5000,
  providedCids: 1000,
  providerRecords: 50_000,
  providerRecordsPerPeer: 1000,
  peerRecords: 10_000,
};

/** What differs for a leaf, which is linked to few, and for a super-peer, which serves many. */
const limitsByRole: Readonly<Record<Role, Partial<PeerLimits>>> = {
  leaf: { connections: 32, neighbours: 4, peerRecords: 1000, providedCids: 100 },
  full: {},
  super: { connections: 4096, links: 4096, inboundPerSecond: 500, pendingInbound: 256, peerRecords: 50_000 },
};

/** The limits of a role. */
export function limitsOf(role: Role): PeerLimits {
  return { ...fullPeerLimits, ...limitsByRole[role] };
}

/** How long a link may take to come about, in milliseconds: never less than usual, or no link would. */
export function handshakeMs({ dialMs }: PeerLimits): number {
  return Math.max(dialMs, fullPeerLimits.dialMs);
}

/** The time limits of a peer that waits `patience` times as long as usual for others: on slow lines and busy machines. */
export function patientLimits(patience: number): Partial<PeerLimits> {
  const { dialMs, frameMs, syncIdleMs, askMs, stallMs, searchAgainMs, dhtMs, minRate } = fullPeerLimits;
  return { dialMs: dialMs * patience, frameMs: frameMs * patience, syncIdleMs: syncIdleMs * patience, askMs: askMs * patience, stallMs: stallMs * patience, searchAgainMs: searchAgainMs * patience, dhtMs: dhtMs * patience, minRate: minRate / patience };
}
