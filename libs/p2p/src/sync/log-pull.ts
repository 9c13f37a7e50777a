import { maxSync, type FrameRecord, type FrameRun, type SyncFrame } from '@souk/contracts';
import { isSoukError, SoukError, throwIfAborted, verify, type ErrorCode, type KeyId, type VerifiedRecord } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import type { StepOptions } from '../frame/frame-stream.ts';
import { findFork } from './find-fork.ts';
import { frameCost, fromFrame } from './frame-record.ts';
import type { PullNeeds } from './pull.ts';
import { checkRuns, type CheckedRun } from './verify-run.ts';
import type { Wanted } from './wanted.ts';

/** Requests that are sent before the first of them is answered: hides the round trips. */
const ahead = 4;
/** Records appended at once: some 10 ms, for which nothing else gets its turn. */
const batchRecords = 128;
/** Logs of which a peer may send what is not sound, or nothing where it promised records, before it is held to be lying: what else it has is not asked for. */
const maxUnsound = 32;

/** Takes records of logs from one peer, contiguous from what is held on, verified, and appended by the batch: after a cut the next exchange goes on behind the last batch. */
export class LogPull {
  readonly #channel: Channel<SyncFrame>;
  readonly #needs: PullNeeds;
  readonly #step: StepOptions;
  /** Logs that could not be brought further, and why. */
  readonly stopped = new Map<KeyId, ErrorCode>();
  readonly #refused = new Set<KeyId>();
  readonly #diverged = new Map<KeyId, number>();
  #batch: VerifiedRecord[] = [];
  /** An exchange ends in good order before its time is up. */
  readonly #begun = performance.now();
  #added = 0;
  #records = 0;
  #bytes = 0;
  #unsound = 0;
  #isBlamed = false;

  constructor(channel: Channel<SyncFrame>, needs: PullNeeds, step: StepOptions) {
    this.#channel = channel;
    this.#needs = needs;
    this.#step = step;
  }

  /** Records that were new here. */
  get added(): number {
    return this.#added;
  }

  /** Whether the bounds of one exchange are reached. */
  get isFull(): boolean {
    const { syncRecords, syncBytes, syncMs } = this.#needs.limits;
    return this.#records >= syncRecords || this.#bytes >= syncBytes || performance.now() - this.#begun > syncMs / 2;
  }

  /** Takes what is wanted of some logs; the last of it may wait for a full batch. Stops early when full. */
  async take(wanted: readonly Wanted[]): Promise<void> {
    for (const { key, differsAt } of wanted) if (differsAt !== undefined) this.#diverged.set(key, differsAt);
    await this.#ask(wanted.filter((one) => one.differsAt === undefined && this.#isAdmitted(one)).toReversed());
    if (this.#diverged.size > 0 || this.isFull) await this.finish();
  }

  /** Keeps what waits and looks into what differs. */
  async finish(): Promise<void> {
    await this.keep();
    await this.#resolveForks();
  }

  /** Appends what waits for a full batch. */
  async keep(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    const { added, refused } = await this.#needs.intake.take(batch.filter((record) => !this.#refused.has(record.key)));
    this.#added += added.length;
    for (const [key, error] of refused) {
      this.#refused.add(key);
      this.stopped.set(key, error.code);
      const head = error.code === 'STALE_HEAD' ? await this.#needs.logs.head(key) : undefined;
      if (head) this.#diverged.set(key, head.seq);
    }
  }

  /** Whether the peer may introduce what is wanted; if not, it is not even asked for. */
  #isAdmitted({ key, from }: Wanted): boolean {
    const admitted = this.#needs.intake.admits(from === 0);
    if (!admitted) this.stopped.set(key, 'RATE_LIMITED');
    return admitted;
  }

  /** Sends requests ahead and takes the answers in order: while the records of one are kept, those of the next are verified. `waiting`: the next one last. */
  async #ask(waiting: Wanted[]): Promise<void> {
    const asked: Wanted[][] = [];
    let taking: Promise<void> = Promise.resolve();
    try {
      while (asked.length > 0 || (waiting.length > 0 && !this.isFull)) {
        while (asked.length < ahead && waiting.length > 0 && !this.isFull) {
          const logs = waiting.splice(-maxSync.logs).toReversed();
          await this.#channel.send({ t: 'records?', logs: logs.map(({ key, from }) => ({ key, from })) }, this.#step);
          asked.push(logs);
        }
        const { runs } = await this.#channel.expect('records', this.#step);
        const logs = asked.shift() as Wanted[];
        if (runs.length > logs.length) throw new SoukError('BAD_FRAME', `The peer sent records of ${runs.length} logs where ${logs.length} were asked for.`);
        const checking = checkRuns(runs, logs, this.#needs.verifier, this.#step.signal);
        // Whoever waits below hears of its failure.
        checking.catch(() => undefined);
        await taking;
        taking = this.#takeRuns(logs, runs, checking);
        taking.catch(() => undefined);
        waiting.push(...this.#rest(logs, runs).toReversed());
      }
    } finally {
      await taking;
    }
  }

  /** What is left to ask for after an answer. */
  #rest(logs: readonly Wanted[], runs: readonly FrameRun[]): Wanted[] {
    const rest: Wanted[] = [];
    for (const [index, { records, more, fork }] of runs.entries()) {
      const { key, from } = logs[index] as Wanted;
      if (more && !fork && records.length > 0 && !this.stopped.has(key)) rest.push({ key, from: from + records.length });
    }
    return [...rest, ...logs.slice(runs.length)];
  }

  async #takeRuns(logs: readonly Wanted[], runs: readonly FrameRun[], checking: Promise<readonly CheckedRun[]>): Promise<void> {
    for (const [index, run] of (await checking).entries()) await this.#takeRun(logs[index] as Wanted, runs[index] as FrameRun, run);
  }

  async #takeRun({ key, isGuess }: Wanted, { records, fork }: FrameRun, run: CheckedRun): Promise<void> {
    throwIfAborted(this.#step.signal, 'Syncing');
    // What was asked for before it was known that the log stops here.
    if (this.stopped.has(key)) return;
    await this.#collect(run.records);
    if (run.problem) this.#stop(key, run.problem, run.culprit);
    if (fork) await this.#learnFork(key, fork);
    if (!run.problem && !fork && records.length === 0 && isGuess !== true) this.#break(key);
  }

  /** The peer told a head and sends nothing up to it. */
  #break(key: KeyId): void {
    this.#stop(key, new SoukError('BAD_FRAME', 'The peer promised records and sent none.'));
  }

  async #collect(records: readonly VerifiedRecord[]): Promise<void> {
    for (const record of records) {
      this.#batch.push(record);
      this.#records += 1;
      this.#bytes += frameCost(record);
      if (this.#batch.length >= batchRecords) await this.keep();
    }
  }

  /** Both sides hold another record at one seq: finds the first one and keeps the proof. */
  async #resolveForks(): Promise<void> {
    for (const [key, differsAt] of this.#diverged) {
      this.#diverged.delete(key);
      const first = await findFork(this.#channel, { key, differsAt }, this.#needs, this.#step);
      if (first.problem) this.#stop(key, first.problem, first.culprit);
      else if (first.record) {
        await this.#needs.intake.take([first.record]);
        this.stopped.set(key, 'FORKED_LOG');
      }
    }
  }

  async #learnFork(key: KeyId, fork: NonNullable<FrameRun['fork']>): Promise<void> {
    await this.keep();
    try {
      const [a, b] = [verify(fromFrame(fork.a)), verify(fromFrame(fork.b))];
      if (a.key !== key || b.key !== key) throw new SoukError('BAD_RECORD', 'The fork proof is about another log.');
      await this.#needs.intake.take([a]);
      await this.#needs.intake.take([b]);
      this.stopped.set(key, 'FORKED_LOG');
      this.#diverged.delete(key);
    } catch (error) {
      if (!isSoukError(error) || !['BAD_RECORD', 'BAD_SIGNATURE', 'UPGRADE_NEEDED'].includes(error.code)) throw error;
      this.#stop(key, error, fork.b);
    }
  }

  #stop(key: KeyId, error: SoukError, culprit?: FrameRecord): void {
    this.stopped.set(key, error.code);
    if (error.code === 'UPGRADE_NEEDED') return;
    // Once is enough: a thousand observations of one exchange would bury those of other peers.
    if (culprit && !this.#isBlamed) {
      this.#isBlamed = true;
      this.#needs.blame(culprit);
    }
    this.#unsound += 1;
    if (this.#unsound > maxUnsound) throw new SoukError('BAD_FRAME', 'Of log after log the peer sent what is not sound, or promised records and sent none.', { cause: error });
  }
}
