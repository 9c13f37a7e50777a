import type { FrameRecord, SyncFrame } from '@souk/contracts';
import { SoukError, type ErrorCode, type Head, type HeadTree, type KeyId, type LogStore, type RecordVerifier } from '@souk/domain';
import { followedOf, type FollowedLogs } from '../follow/followed-logs.ts';
import type { Channel } from '../frame/channel.ts';
import type { StepOptions } from '../frame/frame-stream.ts';
import type { PeerLimits } from '../node/peer-limits.ts';
import type { PeerIntake } from './charged-intake.ts';
import { Descent } from './descent.ts';
import type { HeldHeads } from './held-heads.ts';
import { LogPull } from './log-pull.ts';
import type { StoppedLog } from './sync-report.ts';
import { guessedOf, wantedOf, type Wanted } from './wanted.ts';

/** What pulling needs. */
export interface PullNeeds {
  readonly logs: LogStore;
  readonly heads: HeldHeads;
  readonly intake: PeerIntake;
  readonly verifier: RecordVerifier;
  readonly limits: PeerLimits;
  /** What is followed, unless that is everything. */
  readonly follows?: Pick<FollowedLogs, 'listed'> | undefined;
  /** Hears of a record that the peer should not have sent. */
  blame(culprit: FrameRecord): void;
  /** When everything that a peer of this head root can offer was taken before: the logs that could not be taken whole. */
  exhausted(root: string): readonly StoppedLog[] | undefined;
}

/** How a pull ended. */
export interface Pulled {
  /** Head roots were equal. */
  readonly same: boolean;
  /** The peer's head root when we asked; undefined when it was the same as ours. */
  readonly root?: string;
  readonly added: number;
  readonly stopped: readonly StoppedLog[];
  /** False when a limit of the exchange was reached: there is more to be had. */
  readonly complete: boolean;
}

/** Records that a peer's head says that we lack of a log. */
function lacking({ seq }: Head, { from, differsAt }: Wanted): number {
  return differsAt === undefined ? Math.max(0, seq + 1 - from) : 0;
}

/**
 * Asks one peer for everything that it has and we lack: down its tree of heads where that differs from ours, then the records of each log, verified before they are kept.
 * Of a peer that follows a list: for what would come next of each log that it follows.
 */
export class Pull {
  readonly #channel: Channel<SyncFrame>;
  readonly #needs: PullNeeds;
  readonly #step: StepOptions;
  readonly #records: LogPull;
  #lacked = 0;

  constructor(channel: Channel<SyncFrame>, needs: PullNeeds, signal: AbortSignal) {
    this.#channel = channel;
    this.#needs = needs;
    this.#step = { timeoutMs: needs.limits.frameMs, signal };
    this.#records = new LogPull(channel, needs, this.#step);
  }

  /** Records that were new here, so far. */
  get added(): number {
    return this.#records.added;
  }

  /** Records that the peer was seen to have and we lack still: all of them when the exchange could look everywhere. */
  get missing(): number {
    return Math.max(0, this.#lacked - this.added);
  }

  /** Runs the exchange. What was verified is kept also when it fails. Throws what the channel throws, BAD_FRAME, and what the store throws for reasons of its own. */
  async run(): Promise<Pulled> {
    const ours = await this.#needs.heads.tree();
    await this.#channel.send({ t: 'hello', root: ours.root }, this.#step);
    const greeting = await this.#channel.answer(this.#step);
    if (greeting.t === 'same') return { same: true, added: 0, stopped: [], complete: true };
    if (greeting.t !== 'differs') throw new SoukError('BAD_FRAME', `The peer answered a greeting with "${greeting.t}".`);
    const { root } = greeting;
    const before = this.#needs.exhausted(root);
    if (before) return { same: false, root, added: 0, stopped: before, complete: true };
    const { follows, limits } = this.#needs;
    try {
      const complete = follows ? await this.#takeFollowed(followedOf(follows, ours), ours) : await this.#follow(new Descent({ channel: this.#channel, ours, step: this.#step, maxNodes: limits.syncNodes }, greeting));
      if (!follows && !complete && this.added === 0) throw new SoukError('BAD_FRAME', 'The peer told more of its heads than one exchange may ask for, and nothing that is new.');
      return { same: false, root, added: this.added, stopped: this.#stopped(), complete };
    } catch (error) {
      await this.#records.keep();
      throw error;
    }
  }

  async #follow(descent: Descent): Promise<boolean> {
    for (;;) {
      const heads = await descent.next();
      if (heads.length === 0) break;
      await this.#records.take(await this.#wanted(heads));
      if (this.#records.isFull) return false;
    }
    await this.#records.finish();
    return !descent.isCut && !this.#records.isFull;
  }

  /** The peer's tree has much that is not followed, and differs from ours everywhere: what would come next of each log is asked for without looking at it. */
  async #takeFollowed(keys: ReadonlySet<KeyId>, ours: HeadTree): Promise<boolean> {
    await this.#records.take(guessedOf(keys, ours));
    await this.#records.finish();
    return !this.#records.isFull;
  }

  async #wanted(heads: readonly Head[]): Promise<Wanted[]> {
    const held = await this.#needs.heads.tree();
    const wanted = await Promise.all(heads.map((head) => wantedOf(head, held, this.#needs.logs)));
    for (const [at, one] of wanted.entries()) this.#lacked += one ? lacking(heads[at] as Head, one) : 0;
    return wanted.filter((one) => one !== undefined);
  }

  #stopped(): StoppedLog[] {
    return [...this.#records.stopped].map(([key, code]: [KeyId, ErrorCode]) => ({ key, code }));
  }
}
