import { setTimeout as after } from 'node:timers/promises';
import type { FrameRecord, PushFrame } from '@souk/contracts';
import { SoukError, type KeyId } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import { remoteError } from '../frame/remote-error.ts';
import { underTrace, type TraceHook } from '../frame/trace-hook.ts';
import type { PeerLimits } from '../node/peer-limits.ts';
import type { PeerLog } from '../node/peer-log.ts';

const shortestWaitMs = 250;
const longestWaitMs = 30_000;

/** What following needs. */
export interface FollowerNeeds {
  readonly limits: PeerLimits;
  readonly log: PeerLog;
  readonly trace?: TraceHook | undefined;
  /** The logs that are followed; undefined for all of them. */
  logs(): Promise<readonly KeyId[] | undefined>;
  /** The super-peers that are linked. */
  supers(): readonly string[];
  open(peer: string, signal: AbortSignal): Promise<Channel<PushFrame>>;
  /** Takes what was pushed; throws BAD_RECORD or BAD_SIGNATURE, which ends the stream. */
  take(peer: string, records: readonly FrameRecord[]): Promise<void>;
  /** Hears the head root of a super-peer. */
  greeted(peer: string, root: string): void;
  /** Asks a super-peer for what was not pushed. */
  ask(peer: string): void;
}

/** Has a leaf's super-peers push what is new: one stream for each of them that pushes at all, opened again when it breaks. */
export class Follower {
  readonly #needs: FollowerNeeds;
  /** Linked peers that say that they push. */
  readonly #pushing = new Set<string>();
  readonly #followed = new Map<string, AbortController>();
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(needs: FollowerNeeds) {
    this.#needs = needs;
  }

  /** A peer that was linked pushes. Peers of versions that don't are never asked to. */
  offered(peer: string): void {
    this.#pushing.add(peer);
    this.level();
  }

  /** The link to a peer is gone. */
  forget(peer: string): void {
    this.#pushing.delete(peer);
    this.level();
  }

  /** Follows the super-peers that are linked and push, and no others: call it when one came or went. */
  level(): void {
    const wanted = new Set(this.#needs.supers().filter((peer) => this.#pushing.has(peer)));
    for (const [peer, end] of this.#followed) {
      if (wanted.has(peer)) continue;
      this.#followed.delete(peer);
      end.abort();
    }
    for (const peer of wanted) if (!this.#followed.has(peer) && !this.#stopping.signal.aborted) this.#begin(peer);
  }

  /** Other logs are followed: super-peers are told anew. */
  renew(): void {
    for (const end of this.#followed.values()) end.abort();
    this.#followed.clear();
    this.level();
  }

  /** Ends every stream. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled(this.#running);
  }

  #begin(peer: string): void {
    const end = new AbortController();
    this.#followed.set(peer, end);
    const running = this.#follow(peer, AbortSignal.any([end.signal, this.#stopping.signal])).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #follow(peer: string, signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        await this.#listen(peer, signal, () => (failures = 0));
      } catch (error) {
        if (signal.aborted) return;
        this.#needs.log.debug('a super-peer pushes no longer', { peer, error });
      }
      const wait = Math.min(longestWaitMs, shortestWaitMs * 2 ** Math.min(failures, 10)) * (0.75 + Math.random() / 2);
      await after(wait, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Takes what is pushed until the stream ends. */
  async #listen(peer: string, signal: AbortSignal, heard: () => void): Promise<void> {
    const { limits, trace } = this.#needs;
    const channel = await this.#needs.open(peer, signal);
    try {
      const logs = await this.#needs.logs();
      await channel.send({ t: 'follow', ...(logs ? { logs: [...logs] } : {}) }, { timeoutMs: limits.frameMs, signal });
      for (;;) {
        const frame = await channel.receive({ timeoutMs: limits.pushBeatMs * 2.5, frameMs: limits.frameMs, signal });
        if (!frame) throw new SoukError('PEER_UNREACHABLE', 'The super-peer ended its stream.');
        await underTrace(trace, channel, frame, () => this.#hear(peer, frame));
        heard();
      }
    } catch (error) {
      channel.abort(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  }

  async #hear(peer: string, frame: PushFrame): Promise<void> {
    const { take, greeted, ask } = this.#needs;
    switch (frame.t) {
      case 'root':
        return greeted(peer, frame.root);
      case 'behind':
        return ask(peer);
      case 'records':
        return take(peer, frame.records);
      case 'error':
        throw remoteError(frame);
      default:
        throw new SoukError('BAD_FRAME', `The super-peer sent "${frame.t}", which it has to be sent.`);
    }
  }
}
