import type { Transport } from '@libp2p/interface';
import type { PeerLine, Role } from '@souk/contracts';
import type { BlobStore, Cid, ForkProof, Freshness, IndexLimits, Introduction, LogStore, LookupTrace, ObservationStore, RecordVerifier, StoredObservation, StoredRecord, VerifiedRecord } from '@souk/domain';
import type { FetchOptions, FetchReport } from './blob/blob-fetcher.ts';
import type { FollowedLogs } from './follow/followed-logs.ts';
import type { FrameTap } from './frame/channel.ts';
import type { TraceHook } from './frame/trace-hook.ts';
import type { SuperLine } from './links/super-links.ts';
import type { LeaseView } from './lookup/lease-keeper.ts';
import type { LookupLimits } from './lookup/lookup-limits.ts';
import type { LookupTap } from './lookup/lookup-parts.ts';
import type { HintTier, Lookup } from './lookup/lookups.ts';
import type { CharterHolder } from './network/network-exchange.ts';
import type { FreshnessOptions } from './network/freshness-watch.ts';
import type { PeerLimits } from './node/peer-limits.ts';
import type { RelayOptions } from './node/relays.ts';
import type { PeerLog } from './node/peer-log.ts';
import type { LagLine } from './sync/lag.ts';
import type { SuperAnswer } from './query/ask-super.ts';
import type { AskOptions } from './query/queries.ts';
import type { Question, QuerySource } from './query/query-server.ts';
import type { SyncReport } from './sync/sync-report.ts';

/** What a node works on. It closes none of it. */
export interface PeerNeeds {
  readonly logs: LogStore;
  readonly blobs: BlobStore;
  /** Where outcomes of fetches are kept; nowhere when absent. */
  readonly observations?: ObservationStore;
  /** Caches of who has which blob, the quickest first; none unless given. */
  readonly hints?: readonly HintTier[];
  /** Verifies what comes by sync; where the node runs, with turns for others, unless given. It outlives the node. */
  readonly verifier?: RecordVerifier;
  readonly log: PeerLog;
}

/** How much of what nobody here had heard of a peer may bring. */
export interface Introductions {
  readonly perDay: Introduction;
  /** Hears of a peer that has spent its budget, with so many logs waiting. */
  deferred?(peer: string, logs: number): void;
  /** Milliseconds; the system's clock unless given. */
  now?(): number;
}

/** How a node is set up. */
export interface PeerNodeOptions {
  /** What the peer is in its network; `full` unless given. */
  readonly role?: Role;
  /** Multiaddrs of the network's super-peers; whoever answers there is taken for one. */
  readonly supers?: readonly string[];
  /** The network's charter; it is told to whoever is linked and taken from them. */
  readonly charter?: CharterHolder;
  /** How it is watched whether what is held here is all there is; not at all unless given. */
  readonly freshness?: FreshnessOptions;
  /** The logs that this peer follows, of a leaf that does not follow all. */
  readonly follows?: FollowedLogs;
  /** What a super-peer answers from who asks it about packages; such questions are not answered unless given. */
  readonly answers?: QuerySource;
  /** Whether this peer leases every blob that the catalogue names, which is believed of super-peers only; false unless given. */
  readonly mirror?: boolean;
  /** Ed25519 seed of the peer's identity: 32 secret bytes. */
  readonly seed: Uint8Array;
  /** Seeds of further identities over the same stores, each with a key, links and a lease of its own; only of a leaf. */
  readonly furtherSeeds?: readonly Uint8Array[];
  /** The network's key: 32 secret bytes. Whoever has another key, or none, fails the handshake. Absent for an open network. */
  readonly networkKey?: Uint8Array;
  /** Whether peers of the same network are sought in the local network by multicast DNS, and told of this one; false unless given. */
  readonly mdns?: boolean;
  /** The zone that this peer is in: what may fail together. Super-peers tell it, so that links to them can be in different ones. */
  readonly zone?: string;
  /** How it takes part in relaying; a peer without neither relays nor reaches others through relays. */
  readonly relay?: RelayOptions;
  /** Multiaddrs to listen on; `/ip4/127.0.0.1/tcp/0` unless given. */
  readonly listen?: readonly string[];
  /** Multiaddrs told to others instead of those listened on. */
  readonly announce?: readonly string[];
  /** First contacts: multiaddrs, with or without `/p2p/<peer id>`. */
  readonly bootstrap?: readonly string[];
  /** What `onRemember` was given last. */
  readonly remembered?: readonly string[];
  /** Gets at most 20 addresses of peers when they changed, the best first, and once more when the node stops. */
  onRemember?(addresses: readonly string[]): void;
  /** Largest blob that is fetched, in bytes; 256 MiB unless given. */
  readonly maxBlobBytes?: number;
  /** Milliseconds between two reconciliations with a random link; 30,000 unless given. */
  readonly reconcileMs?: number;
  readonly limits?: Partial<PeerLimits>;
  readonly lookupLimits?: Partial<LookupLimits>;
  /** What the index of a super-peer may hold. */
  readonly indexLimits?: IndexLimits;
  readonly lookupTap?: LookupTap;
  /** Numbers in [0, 1) that choose which answers of super-peers are audited. */
  random?(): number;
  /** Ranges (CIDR) where many peers behind one address count as many; loopback and private ones unless given. */
  readonly sharedRanges?: readonly string[];
  /** A peer's reputation in [0, 1]; 0.5 for everybody unless given. */
  rank?(peer: string): number;
  /** What one peer may introduce in a day; without bounds unless given. */
  readonly introductions?: Introductions;
  /** Whether a peer may be linked to; everybody may unless given. */
  admit?(peer: string): boolean;
  /** What each transport (TCP, memory) is put into before it is used: for links that are slower or worse than those at hand. */
  wrapTransport?(transport: Transport): Transport;
  readonly trace?: TraceHook;
  readonly tap?: FrameTap;
}

/** How a blob is looked up. */
export interface LookupOptions {
  readonly signal?: AbortSignal;
  readonly trace?: LookupTrace;
}

/** One identity: a key, links and a lease of its own. */
export interface PeerIdentity {
  readonly peerId: string;
  /** Addresses at which it can be reached, with `/p2p/<peer id>`; empty until started. */
  multiaddrs(): readonly string[];
  /** The super-peers that it is linked to. */
  superPeers(): readonly string[];
  /** What super-peers were told of what this identity serves; undefined before anything was signed. */
  lease(): LeaseView | undefined;
  /** Finds out who has a blob; what is tried is written into `trace`. */
  lookup(cid: Cid, options?: LookupOptions): Promise<Lookup>;
  /**
   * Brings a blob into the store, from several providers at once, each chunk checked and the whole checked against the cid. Nothing is kept
   * of a failed fetch. Throws NO_PROVIDER (details name the cid, who was asked and how each failed), TOO_LARGE, CID_MISMATCH for a release
   * that contradicts the cid, CANCELLED, TIMEOUT, STORAGE_FULL.
   */
  fetchBlob(cid: Cid, options: FetchOptions): Promise<FetchReport>;
  /** Adds blobs to what is leased and announced in the DHT, there the newest 1,000. Resolves when the DHT was told, which takes until there are others; nobody needs to wait. */
  provide(cids: readonly Cid[]): Promise<void>;
  /** Takes blobs out of what is leased and announced, before they are deleted. Resolves when they are named no longer; super-peers are told a moment later, what others were told they forget within 20 minutes. */
  withdraw(cids: readonly Cid[]): Promise<void>;
}

/**
 * A libp2p node over a peer's stores: syncs logs, gossips records, finds, fetches and serves blobs; as super-peer it keeps
 * the index of who serves what. Of several identities over one store, `peerId` and `multiaddrs` are the first one's; each blob is leased, looked up and fetched by one of them.
 */
export interface PeerNode extends PeerIdentity {
  /** The identities, the first one included. */
  readonly identities: readonly PeerIdentity[];
  readonly role: Role;
  /** `open`, or 16 hexadecimal digits of a hash of the network key: says which network this is and reveals nothing of the key. */
  readonly networkId: string;
  /** Listens and begins to seek links, in the background. Throws PORT_IN_USE, BAD_REQUEST for an address that can't be listened on. */
  start(): Promise<void>;
  /** Ends everything and waits for what was on its way to the disk. A stopped node can't be started again. */
  stop(): Promise<void>;
  /** Links to the peer at an address and answers with its id. Throws BAD_REQUEST, PEER_UNREACHABLE (also for another network key), CANCELLED, TIMEOUT. */
  dial(address: string, options?: { readonly signal?: AbortSignal }): Promise<string>;
  /** Closes the links to a peer; see `admit` for keeping it away. */
  hangUp(peer: string): Promise<void>;
  /** Whom this peer is linked to. */
  links(): readonly PeerLine[];
  /** Tells others of records that are on disk here. Never fails for want of anybody to tell. */
  announceRecords(records: readonly VerifiedRecord[]): Promise<void>;
  /** Hears of records of others after they are on disk here; the answer ends it. */
  onRecords(listener: (records: readonly StoredRecord[]) => void): () => void;
  /** Hears of fork proofs that came from others, after they are on disk here. */
  onForks(listener: (proofs: readonly ForkProof[]) => void): () => void;
  /** Hears of links that came or went, that a super-peer among them was recognised, and that this peer is reached elsewhere. */
  onLinks(listener: (links: readonly PeerLine[]) => void): () => void;
  /** Hears of observations after they are kept. */
  onObservation(listener: (stored: StoredObservation) => void): () => void;
  /** Hears that the index of this super-peer changed; never of other roles. */
  onIndex(listener: () => void): () => void;
  /**
   * One hash over all heads, 64 hexadecimal digits: equal at peers that hold the same records. A forked log counts as forked and not with
   * the head it is frozen at, so that peers that hold different branches agree too.
   */
  headRoot(): Promise<string>;
  /** Takes from a peer what this one lacks; one exchange per peer at a time. Throws PEER_UNREACHABLE, BAD_FRAME, TIMEOUT, CANCELLED, STORAGE_FULL. */
  syncWith(peer: string, options?: { readonly signal?: AbortSignal }): Promise<SyncReport>;
  /** Every super-peer that counts, with how many identities are linked to it. */
  supers(): readonly (SuperLine & { readonly links: number; readonly isTold: boolean })[];
  /** How level this peer is with each of those that it is linked to. */
  lag(): readonly LagLine[];
  /**
   * Asks a super-peer what is not held here, and a second one where that does not do. Every record of the answer was verified; whoever asks looks whether they prove
   * what it says. Throws UNAVAILABLE when there is no answer that can be believed, CANCELLED.
   */
  ask(question: Question, options?: AskOptions): Promise<SuperAnswer>;
  /** Says where the network's super-peers are from now on. */
  setSupers(addresses: readonly string[]): void;
  /** How fresh what is held here is, by what super-peers of the charter signed; undefined where that is not watched, or there is no charter. */
  freshness(): Freshness | undefined;
  /** Asks the super-peers that are linked whether what is held here is all there is, as happens by itself every half hour. Never throws. */
  checkFreshness(): Promise<void>;
  /** Says who the first contacts are from now on. */
  setBootstrap(addresses: readonly string[]): void;
  /** The charter that is held changed, other than by another peer: whoever is linked is told. */
  charterChanged(): void;
  /** Peers and cids in the index of a super-peer; undefined for other roles. */
  indexSize(): { readonly leases: number; readonly pairs: number; readonly cids: number } | undefined;
}
