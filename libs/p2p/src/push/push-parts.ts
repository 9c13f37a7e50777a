import type { FrameRecord, PushFrame } from '@souk/contracts';
import { maxFollowed, type KeyId, type LogStore, type RecordVerifier, type VerifiedRecord } from '@souk/domain';
import { followedOf, type FollowedLogs } from '../follow/followed-logs.ts';
import type { Channel } from '../frame/channel.ts';
import type { PeerLimits } from '../node/peer-limits.ts';
import type { PeerLog } from '../node/peer-log.ts';
import type { Streams } from '../node/streams.ts';
import type { PeerNodeOptions } from '../peer-node.ts';
import type { ChargedIntake } from '../sync/charged-intake.ts';
import type { HeldHeads } from '../sync/held-heads.ts';
import { Follower } from './follower.ts';
import { News } from './news.ts';
import { servePush } from './push-server.ts';
import { takePushed } from './pushed-records.ts';

/** What the parts work on. */
export interface PushPartsNeeds {
  readonly options: Pick<PeerNodeOptions, 'role' | 'trace' | 'follows'>;
  readonly logs: LogStore;
  readonly heads: HeldHeads;
  readonly intake: ChargedIntake;
  readonly verifier: RecordVerifier;
  readonly streams: Streams;
  readonly limits: PeerLimits;
  readonly log: PeerLog;
  /** The super-peers that are linked. */
  supers(): readonly string[];
  greeted(peer: string, root: string): void;
  ask(peer: string): void;
  blame(peer: string, culprit: FrameRecord): void;
}

/** Pushing, as far as a node takes part in it: a super-peer pushes, a leaf follows, a full peer does neither. */
export interface PushParts {
  /** Answers `/souk/push/1`, where this is a super-peer. */
  readonly serve: ((channel: Channel<PushFrame>, peer: string, signal: AbortSignal) => Promise<void>) | undefined;
  /** Undefined but for a leaf. */
  readonly follower: Follower | undefined;
  /** Tells whoever follows of records that are on disk here; `source` is the peer that brought them. */
  tell(records: readonly VerifiedRecord[], source?: string): void;
  /** Whether what is new here is pushed to a peer. */
  reaches(peer: string): boolean;
  stop(): Promise<void>;
}

/** Makes the parts. */
export function pushParts(needs: PushPartsNeeds): PushParts {
  const { options, logs, heads, intake, verifier, streams, limits, log } = needs;
  const { role = 'full', trace } = options;
  const news = role === 'super' ? new News(limits.pushBytes) : undefined;
  const followers = new Map<string, AbortController>();
  const follower =
    role === 'leaf'
      ? new Follower({
          limits,
          log,
          trace,
          logs: () => logsToPush(options.follows, heads),
          supers: needs.supers,
          open: (peer, signal) => streams.openPush(peer, signal),
          take: (peer, records) => takePushed(peer, records, { logs, intake, verifier, ask: needs.ask, blame: needs.blame }),
          greeted: needs.greeted,
          ask: needs.ask,
        })
      : undefined;
  if (follower) options.follows?.onChanged(() => follower.renew());
  const tell = (records: readonly VerifiedRecord[], source?: string): void => {
    news?.add(records, source, trace?.current());
    // A log that begins here is followed from now on, whether it is listed or not.
    const { follows } = options;
    if (follower && follows && records.some((one) => one.fields.seq === 0 && !follows.listed().has(one.key))) follower.renew();
  };
  const stop = async (): Promise<void> => {
    await follower?.stop();
    news?.stop();
  };
  const serve: PushParts['serve'] = news && ((channel, peer, signal) => servePush(channel, peer, { news, heads, limits, followers }, signal));
  return { serve, follower, tell, reaches: (peer) => followers.has(peer), stop };
}

/** The logs to name; too many to be named are left to the intake, which leaves out what is not followed. */
async function logsToPush(follows: FollowedLogs | undefined, heads: HeldHeads): Promise<readonly KeyId[] | undefined> {
  const keys = follows && followedOf(follows, await heads.tree());
  return keys && keys.size <= maxFollowed ? [...keys] : undefined;
}
