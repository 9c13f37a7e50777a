import type { FrameRecord, SyncFrame } from '@souk/contracts';
import { isSoukError, SoukError, throwIfAborted, verify, type ErrorCode, type KeyId, type LogStore, type VerifiedRecord } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import type { StepOptions } from '../frame/frame-stream.ts';
import type { PeerLimits } from '../node/peer-limits.ts';
import { compareHeads, type Wanted } from './compare-heads.ts';
import { findFork } from './find-fork.ts';
import { frameCost, fromFrame } from './frame-record.ts';
import type { HeadRoots } from './head-roots.ts';
import type { RecordIntake } from './record-intake.ts';
import type { StoppedLog } from './sync-report.ts';
import { verifyRun } from './verify-run.ts';

/** Ranges asked for before the first of them is answered: hides the round trips. */
const ahead = 16;
/** Records appended at once. */
const batchRecords = 500;

type Range = Extract<SyncFrame, { t: 'range' }>;

/** What pulling needs. */
export interface PullNeeds {
  readonly logs: LogStore;
  readonly roots: HeadRoots;
  readonly intake: RecordIntake;
  readonly limits: PeerLimits;
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

/** Asks one peer for everything that it has and we lack: heads by the page, ranges by the log, verified before they are kept. */
export class Pull {
  readonly #channel: Channel<SyncFrame>;
  readonly #needs: PullNeeds;
  readonly #step: StepOptions;
  readonly #signal: AbortSignal;
  readonly #stopped = new Map<KeyId, ErrorCode>();
  readonly #refused = new Set<KeyId>();
  readonly #diverged = new Map<KeyId, number>();
  #batch: VerifiedRecord[] = [];
  #added = 0;
  #records = 0;
  #bytes = 0;

  constructor(channel: Channel<SyncFrame>, needs: PullNeeds, signal: AbortSignal) {
    this.#channel = channel;
    this.#needs = needs;
    this.#signal = signal;
    this.#step = { timeoutMs: needs.limits.frameMs, signal };
  }

  /** Runs the exchange. Throws what the channel throws, and what the store throws for reasons of its own. */
  async run(): Promise<Pulled> {
    await this.#channel.send({ t: 'hello', root: await this.#needs.roots.root() }, this.#step);
    const greeting = await this.#channel.receive(this.#step);
    if (greeting?.t === 'same') return { same: true, added: 0, stopped: [], complete: true };
    if (greeting?.t !== 'differs') throw new SoukError('BAD_FRAME', `The peer answered a greeting with ${greeting ? `"${greeting.t}"` : 'nothing'}.`);
    const { root } = greeting;
    const before = this.#needs.exhausted(root);
    if (before) return { same: false, root, added: 0, stopped: before, complete: true };
    const complete = await this.#pullPages();
    return { same: false, root, added: this.#added, stopped: [...this.#stopped].map(([key, code]) => ({ key, code })), complete };
  }

  get #full(): boolean {
    return this.#records >= this.#needs.limits.syncRecords || this.#bytes >= this.#needs.limits.syncBytes;
  }

  async #pullPages(): Promise<boolean> {
    let after: KeyId | undefined;
    for (;;) {
      await this.#channel.send({ t: 'heads?', ...(after === undefined ? {} : { after }) }, this.#step);
      const page = await this.#channel.expect('heads', this.#step);
      requireAscending(page.heads.map((head) => head.key), after);
      const wanted = await compareHeads(page.heads, after, await this.#needs.roots.forked(), this.#needs.logs);
      for (const { key, differsAt } of wanted) if (differsAt !== undefined) this.#diverged.set(key, differsAt);
      await this.#pullLogs(wanted.filter((one) => one.differsAt === undefined));
      await this.#flush();
      await this.#resolveForks();
      after = page.heads.at(-1)?.key;
      if (this.#full) return false;
      if (!page.more || after === undefined) return true;
    }
  }

  /** Asks for ranges ahead and takes the answers in order. */
  async #pullLogs(wanted: readonly Wanted[]): Promise<void> {
    const waiting = wanted.toReversed();
    const asked: Wanted[] = [];
    while (asked.length > 0 || (waiting.length > 0 && !this.#full)) {
      while (asked.length < ahead && waiting.length > 0 && !this.#full) {
        const next = waiting.pop() as Wanted;
        await this.#channel.send({ t: 'range?', key: next.key, from: next.from }, this.#step);
        asked.push(next);
      }
      const answer = await this.#channel.expect('range', this.#step);
      const rest = await this.#takeRange(asked.shift() as Wanted, answer);
      if (rest) waiting.push(rest);
    }
  }

  /** Takes a range; answers with what to ask for next of the same log. */
  async #takeRange(one: Wanted, range: Range): Promise<Wanted | undefined> {
    throwIfAborted(this.#signal, 'Syncing');
    const { key, from } = one;
    if (this.#stopped.has(key)) return undefined;
    const run = await verifyRun(range.records, key, from);
    await this.#collect(run.records);
    if (run.problem) this.#stop(key, run.problem, run.culprit);
    if (range.fork) await this.#learnFork(key, range.fork);
    if (run.problem || !range.more) return undefined;
    if (range.records.length === 0) {
      this.#stop(key, new SoukError('BAD_FRAME', 'The peer promised more records and sent none.'));
      return undefined;
    }
    return { key, from: from + range.records.length };
  }

  async #collect(records: readonly VerifiedRecord[]): Promise<void> {
    for (const record of records) {
      this.#batch.push(record);
      this.#records += 1;
      this.#bytes += frameCost(record);
    }
    if (this.#batch.length >= batchRecords) await this.#flush();
  }

  async #flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    const { added, refused } = await this.#needs.intake.take(batch.filter((record) => !this.#refused.has(record.key)));
    this.#added += added.length;
    for (const [key, error] of refused) {
      this.#refused.add(key);
      this.#stopped.set(key, error.code);
      const head = error.code === 'STALE_HEAD' ? await this.#needs.logs.head(key) : undefined;
      if (head) this.#diverged.set(key, head.seq);
    }
  }

  /** Both sides hold another record at one seq: finds the first one and keeps the proof. */
  async #resolveForks(): Promise<void> {
    for (const [key, differsAt] of this.#diverged) {
      this.#diverged.delete(key);
      const first = await findFork(this.#channel, { key, differsAt }, this.#needs.logs, this.#step);
      if (first.problem) this.#stop(key, first.problem, first.culprit);
      else if (first.record) {
        await this.#needs.intake.take([first.record]);
        this.#stopped.set(key, 'FORKED_LOG');
      }
    }
  }

  async #learnFork(key: KeyId, fork: NonNullable<Range['fork']>): Promise<void> {
    await this.#flush();
    try {
      const [a, b] = [verify(fromFrame(fork.a)), verify(fromFrame(fork.b))];
      if (a.key !== key || b.key !== key) throw new SoukError('BAD_RECORD', 'The fork proof is about another log.');
      await this.#needs.intake.take([a]);
      await this.#needs.intake.take([b]);
      this.#stopped.set(key, 'FORKED_LOG');
      this.#diverged.delete(key);
    } catch (error) {
      if (!isSoukError(error) || !['BAD_RECORD', 'BAD_SIGNATURE', 'UPGRADE_NEEDED'].includes(error.code)) throw error;
      this.#stop(key, error, fork.b);
    }
  }

  #stop(key: KeyId, error: SoukError, culprit?: FrameRecord): void {
    this.#stopped.set(key, error.code);
    if (culprit && error.code !== 'UPGRADE_NEEDED') this.#needs.blame(culprit);
  }
}

function requireAscending(keys: readonly KeyId[], after: KeyId | undefined): void {
  let last = after;
  for (const key of keys) {
    if (last !== undefined && key <= last) throw new SoukError('BAD_FRAME', 'The peer sent heads that are out of order.');
    last = key;
  }
}
