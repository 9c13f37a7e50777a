import type { PushFrame } from '@souk/contracts';
import { encodeCbor, SoukError, type KeyId } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import type { PeerLimits } from '../node/peer-limits.ts';
import type { HeldHeads } from '../sync/held-heads.ts';
import type { News } from './news.ts';

/** What pushing needs. */
export interface PushServerNeeds {
  readonly news: News;
  readonly heads: HeldHeads;
  readonly limits: PeerLimits;
  /** Who is pushed what is new, each with what ends that. */
  readonly followers: Map<string, AbortController>;
}

const behind = encodeCbor({ t: 'behind' } satisfies PushFrame);

/**
 * Pushes what is new to one peer until its stream ends, or until it opens another. Throws what the channel throws (TIMEOUT for a peer that
 * reads nothing for as long as a frame may take) and BAD_FRAME.
 */
export async function servePush(channel: Channel<PushFrame>, peer: string, needs: PushServerNeeds, signal: AbortSignal): Promise<void> {
  const first = await channel.receive({ timeoutMs: needs.limits.frameMs, signal });
  if (first === undefined) return;
  if (first.t !== 'follow') throw new SoukError('BAD_FRAME', `The peer sent "${first.t}" where it was to follow.`);
  const { followers } = needs;
  const gone = new AbortController();
  // What was open before may be half dead: the newest counts.
  followers.get(peer)?.abort();
  followers.set(peer, gone);
  channel.onGone(() => gone.abort());
  try {
    await push(channel, { peer, ...(first.logs ? { logs: new Set(first.logs) } : {}) }, needs, AbortSignal.any([signal, gone.signal]));
  } finally {
    if (followers.get(peer) === gone) followers.delete(peer);
  }
}

interface Reader {
  readonly peer: string;
  /** What it follows, unless that is everything. */
  readonly logs?: ReadonlySet<KeyId>;
}

/** A frame is written when the one before it has left: what comes meanwhile waits in the news, which all followers share. */
async function push(channel: Channel<PushFrame>, { peer, logs }: Reader, { news, heads, limits }: PushServerNeeds, signal: AbortSignal): Promise<void> {
  const step = { timeoutMs: limits.frameMs, signal };
  let place = news.end;
  let beat = 0;
  while (!signal.aborted) {
    const found = news.at(place, peer, logs);
    place = found?.next ?? news.end;
    if (found) await channel.sendEncoded(found.payload ?? behind, step);
    else if (performance.now() < beat) await news.wait(beat - performance.now(), signal);
    else {
      const root = await heads.root();
      // By a root with more in it than was pushed the peer would think that it missed something.
      if (news.at(place, peer, logs)) continue;
      beat = performance.now() + limits.pushBeatMs;
      await channel.send({ t: 'root', root }, step);
    }
  }
}
