import type { Connection, Libp2p, PeerId, Stream } from '@libp2p/interface';
import { BlobFrame, LookupFrame, NetworkFrame, protocols, PushFrame, QueryFrame, SyncFrame } from '@souk/contracts';
import { isSoukError, SoukError } from '@souk/domain';
import { Channel, type FrameSchema, type FrameTap } from '../frame/channel.ts';
import { errorFrame } from '../frame/remote-error.ts';
import type { TraceHook } from '../frame/trace-hook.ts';
import { parsePeerId } from './links.ts';
import { dialError } from './peer-errors.ts';
import type { PeerLimits } from './peer-limits.ts';
import type { PeerLog } from './peer-log.ts';
import { PeerStreams } from './peer-streams.ts';
import { Slots } from './slots.ts';
import type { Turns } from './turns.ts';
import { underDeadline } from './waiting.ts';

/** Blob streams that we open towards one peer: fewer than it allows, because closing takes both sides. */
const blobStreamsOut = 6;
/** Lookup streams that a peer may hold open towards us. */
const lookupStreamsIn = 5;
/** Streams of questions that a peer may hold open towards us, and we towards one. */
const queryStreams = 4;
/** Our protocols are served over relayed connections too, which are limited. */
const always = { runOnLimitedConnection: true } as const;

/** What streams need. */
export interface StreamsNeeds {
  readonly libp2p: Pick<Libp2p, 'dialProtocol' | 'handle' | 'getConnections' | 'peerStore'>;
  readonly limits: PeerLimits;
  readonly log: PeerLog;
  readonly trace?: TraceHook | undefined;
  readonly tap?: FrameTap | undefined;
  /** By whose turn it is that streams of others are worked on. */
  readonly turns: Turns;
}

type AnyFrame = { t: string; trace?: string | undefined };
type Serve<Frame extends AnyFrame> = (channel: Channel<Frame>, peer: string, signal: AbortSignal, address: string) => Promise<void>;

/** Opens and serves the streams of our protocols. */
export class Streams {
  readonly #needs: StreamsNeeds;
  readonly #stopping = new AbortController();
  readonly #served = new Set<Promise<void>>();
  /** Places for blob streams by peer. */
  readonly #places = new Map<string, Slots>();

  constructor(needs: StreamsNeeds) {
    this.#needs = needs;
  }

  /** Opens a sync stream. Throws PEER_UNREACHABLE, CANCELLED, TIMEOUT. */
  openSync(peer: string, signal: AbortSignal): Promise<Channel<SyncFrame>> {
    return this.#open(peer, protocols.sync, SyncFrame, signal);
  }

  /** Opens a lookup stream to a super-peer. Throws PEER_UNREACHABLE, CANCELLED, TIMEOUT. */
  openLookup(peer: string, signal: AbortSignal): Promise<Channel<LookupFrame>> {
    return this.#open(peer, protocols.lookup, LookupFrame, signal);
  }

  /** Opens a stream on which a super-peer pushes. Throws PEER_UNREACHABLE, CANCELLED, TIMEOUT. */
  openPush(peer: string, signal: AbortSignal): Promise<Channel<PushFrame>> {
    return this.#open(peer, protocols.push, PushFrame, signal);
  }

  /** Opens a stream to ask a super-peer what is not held here. Throws PEER_UNREACHABLE, also where the other side answers no such questions, CANCELLED, TIMEOUT. */
  openQuery(peer: string, signal: AbortSignal): Promise<Channel<QueryFrame>> {
    return this.#open(peer, protocols.query, QueryFrame, signal);
  }

  /** Opens a stream about the network. Throws PEER_UNREACHABLE, also where the other side knows of no such thing, CANCELLED, TIMEOUT. */
  openNetwork(peer: string, signal: AbortSignal): Promise<Channel<NetworkFrame>> {
    return this.#open(peer, protocols.network, NetworkFrame, signal);
  }

  /** Opens a blob stream to ask for bytes. Waits while too many are open to that peer. Throws PEER_UNREACHABLE, CANCELLED, TIMEOUT. */
  async openBlob(peer: string, signal: AbortSignal): Promise<Channel<BlobFrame>> {
    const slots = this.#places.get(peer) ?? new Slots(blobStreamsOut);
    this.#places.set(peer, slots);
    const leave = await slots.enter(signal);
    try {
      const channel = await this.#open(peer, protocols.blob, BlobFrame, signal);
      channel.onGone(leave);
      return channel;
    } catch (error) {
      leave();
      // A peer that can't be dialled is never told to be gone.
      if (slots.isIdle && this.#places.get(peer) === slots) this.#places.delete(peer);
      throw error;
    }
  }

  /** The link to a peer is gone. */
  forget(peer: string): void {
    this.#places.delete(peer);
  }

  /** Serves the protocols to whoever opens a stream; lookups, pushes and questions only at a super-peer. */
  async serve(handlers: { sync: Serve<SyncFrame>; blob: Serve<BlobFrame>; network: Serve<NetworkFrame>; lookup?: Serve<LookupFrame> | undefined; push?: Serve<PushFrame> | undefined; query?: Serve<QueryFrame> | undefined }): Promise<void> {
    const { libp2p, limits } = this.#needs;
    await libp2p.handle(protocols.sync, this.#handler(SyncFrame, handlers.sync), { ...always, maxInboundStreams: 2, maxOutboundStreams: 2 });
    await libp2p.handle(protocols.blob, this.#handler(BlobFrame, handlers.blob, new PeerStreams(limits.blobStreams)), { ...always, maxInboundStreams: limits.blobStreams, maxOutboundStreams: limits.blobStreams });
    await libp2p.handle(protocols.network, this.#handler(NetworkFrame, handlers.network), { ...always, maxInboundStreams: 2, maxOutboundStreams: 2 });
    if (handlers.push) await libp2p.handle(protocols.push, this.#handler(PushFrame, handlers.push), { ...always, maxInboundStreams: 1, maxOutboundStreams: 1 });
    if (handlers.query) await libp2p.handle(protocols.query, this.#handler(QueryFrame, handlers.query), { ...always, maxInboundStreams: queryStreams, maxOutboundStreams: queryStreams });
    if (handlers.lookup) await libp2p.handle(protocols.lookup, this.#handler(LookupFrame, handlers.lookup), { ...always, maxInboundStreams: lookupStreamsIn, maxOutboundStreams: lookupStreamsIn });
  }

  /** Breaks every stream that is being served and waits for its handler to end. */
  async stop(): Promise<void> {
    this.#stopping.abort(new SoukError('UNAVAILABLE', 'The peer is stopping.'));
    await Promise.allSettled(this.#served);
  }

  async #open<Frame extends AnyFrame>(peer: string, protocol: string, schema: FrameSchema<Frame>, signal: AbortSignal): Promise<Channel<Frame>> {
    const { libp2p, limits, tap, trace } = this.#needs;
    return underDeadline({ timeoutMs: limits.dialMs, signal }, async (within) => {
      try {
        const id = parsePeerId(peer);
        if (!(await canBeFound(libp2p, id))) throw new Error('no address of this peer is known, and there is nobody to ask for one');
        // A relayed connection is limited: what may be carried over it has to be said.
        const stream = await libp2p.dialProtocol(id, protocol, { runOnLimitedConnection: true, signal: within });
        tap?.opened?.(protocol);
        return new Channel(stream, { schema, peer, ...(tap ? { tap } : {}), ...(trace ? { trace } : {}) });
      } catch (error) {
        throw dialError(peer, error, signal, within.aborted);
      }
    });
  }

  #handler<Frame extends AnyFrame>(schema: FrameSchema<Frame>, serve: Serve<Frame>, open?: PeerStreams): (stream: Stream, connection: Connection) => void {
    const { tap, turns } = this.#needs;
    return (stream, connection) => {
      const peer = connection.remotePeer.toString();
      const channel = new Channel(stream, { schema, peer, turn: () => turns.take(peer), ...(tap ? { tap } : {}) });
      const end = new AbortController();
      const gone = open?.came(peer, () => {
        end.abort(new SoukError('RATE_LIMITED', 'The peer opened more streams than it may.'));
        channel.abort(new Error('the peer opened more streams than it may'));
      });
      const served = this.#serveOne(channel, peer, end.signal, (signal) => serve(channel, peer, signal, connection.remoteAddr.toString())).finally(() => this.#served.delete(served));
      this.#served.add(served);
      if (gone) void served.finally(gone);
    };
  }

  /** `ended`: whether the stream has to go before it is through, and why. */
  async #serveOne<Frame extends AnyFrame>(channel: Channel<Frame>, peer: string, ended: AbortSignal, serve: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { signal } = this.#stopping;
    try {
      await serve(signal);
      await channel.close();
    } catch (error) {
      await this.#refuse(channel, peer, ended.aborted ? ended.reason : error);
    }
  }

  /** Tells the peer why it gets no answer, where it will understand; a peer that does not keep to the protocol loses the stream. */
  async #refuse<Frame extends AnyFrame>(channel: Channel<Frame>, peer: string, error: unknown): Promise<void> {
    const { log, tap } = this.#needs;
    const failure = error instanceof Error ? error : new Error(String(error));
    const code = isSoukError(error) ? error.code : 'INTERNAL';
    tap?.refused?.(channel.protocol, code);
    if (code === 'BAD_FRAME') log.warn('a peer does not keep to the protocol', { peer, protocol: channel.protocol, error });
    else if (code === 'INTERNAL') log.error('a peer could not be served', { peer, protocol: channel.protocol, error });
    if (['BAD_FRAME', 'PEER_UNREACHABLE', 'TIMEOUT', 'CANCELLED'].includes(code)) return channel.abort(failure);
    try {
      await channel.send(errorFrame(error) as unknown as Frame, { timeoutMs: 1000 });
      await channel.close();
    } catch {
      channel.abort(failure);
    }
  }
}

/** Whether dialling a peer has any prospect: it is linked, its address is known, or somebody can be asked for it. */
async function canBeFound(libp2p: Pick<Libp2p, 'getConnections' | 'peerStore'>, id: PeerId): Promise<boolean> {
  if (libp2p.getConnections().length > 0) return true;
  const known = await libp2p.peerStore.get(id).catch(() => undefined);
  return known !== undefined && known.addresses.length > 0;
}
