import type { LogName } from '@souk/contracts';
import { siblingsToHear, SoukError, throwIfAborted, type Cid, type LogStore, type OrderMark, type SitePlace } from '@souk/domain';
import type { Condition, Log } from '@souk/nest';
import { setTimeout as delay } from 'node:timers/promises';
import type PQueue from 'p-queue';
import type { BlobPlacer } from './blob-placer.ts';
import { covers } from './order-wire.ts';
import type { KeptOrder } from './ordered-logs.ts';
import { isSilence } from './replica.ts';
import { ReplicaFeed } from './replica-feed.ts';
import type { SettledMark } from './settled-mark.ts';
import type { SiteCalls } from './site-calls.ts';
import { appendingBy, tooFewCopies, type SiteRole } from './site-role.ts';

/** What a primary needs. */
export interface PrimaryNeeds {
  readonly place: SitePlace;
  readonly orders: readonly KeptOrder[];
  readonly calls: SiteCalls;
  readonly mark: SettledMark;
  readonly placer: BlobPlacer;
  /** Has the peer write the logs that are its own, once it holds all that its site acknowledged. */
  readonly beginWriting: () => Promise<void>;
  /** Met while publishers may write here. */
  readonly condition: Condition;
  /** The appender's turns: what siblings hold beyond this peer is taken over between two appends. */
  readonly turns: PQueue;
  readonly log: Log;
  readonly stopping: AbortSignal;
}

/** How long an append waits for replicas that do not answer at the moment, and for those that do to have it on disk, in milliseconds. */
const [callMs, confirmMs] = [1000, 8000];
/** Between two rounds of asking siblings what they hold. */
const askMs = 500;

/**
 * The peer that decides in which order records arrived at the site. It brings them to every replica, and acknowledges what `copies` peers have on
 * their disks. One that does not know whether its site acknowledged more than it holds first takes that from its siblings.
 */
export class Primary implements SiteRole {
  readonly feeds: readonly ReplicaFeed[];
  readonly #needs: PrimaryNeeds;
  #waiting: (() => void)[] = [];
  #recovering: Promise<void> = Promise.resolve();

  constructor(needs: PrimaryNeeds) {
    this.#needs = needs;
    const { place, orders, calls, log, stopping } = needs;
    const onChange = (): void => this.#changed();
    const feedsOf = ({ ordered, keeper }: KeptOrder): ReplicaFeed[] => {
      const takeTail = async (ordinal: number): Promise<void> => void (await needs.turns.add(() => keeper.takeFrom(ordinal, stopping)));
      return Array.from({ length: place.peers - 1 }, (_, index) => new ReplicaFeed({ ordered, ordinal: index + 1, calls, log, stopping, takeTail, onChange }));
    };
    this.feeds = orders.flatMap(feedsOf);
  }

  /** Begins: with what siblings hold where this peer cannot know, then with bringing. */
  start(): void {
    this.#recovering = this.#recover();
  }

  async requireTaking(): Promise<void> {
    this.#requireSettled();
    const { place } = this.#needs;
    const isEnough = (): boolean => this.answering().length >= place.copies;
    if (!isEnough() && !(await this.#until(isEnough, callMs))) throw tooFewCopies('What is published now', place.copies);
  }

  async acknowledged(cids: readonly Cid[]): Promise<void> {
    const { orders, place, placer } = this.#needs;
    const targets = await Promise.all(orders.map(async ({ ordered }) => ({ name: ordered.name, mark: await ordered.logs.order() })));
    const [isConfirmed] = await Promise.all([this.#confirmed(targets), placer.placed(cids, this.answering())]);
    if (!isConfirmed) throw tooFewCopies('What was sent', place.copies);
  }

  async placed(cids: readonly Cid[], signal?: AbortSignal): Promise<void> {
    await this.requireTaking();
    await this.#needs.placer.placed(cids, this.answering(), signal);
  }

  wake(): void {
    for (const feed of this.feeds) feed.wake();
  }

  nodeLogs(logs: LogStore): LogStore {
    return appendingBy(logs, async (records) => {
      this.#requireSettled();
      const appended = await logs.append(records);
      this.wake();
      return appended;
    });
  }

  /** The peers that are known to answer, this one among them. */
  answering(): number[] {
    return [0, ...this.#replicas().filter((ordinal) => this.#feedsOf(ordinal).every((feed) => feed.mark !== undefined))];
  }

  /** By how many records the replica that is furthest behind lags; one that does not answer lags by all. */
  get lag(): number {
    return Math.max(0, ...this.feeds.map((feed) => feed.lag));
  }

  async settled(): Promise<void> {
    this.#changed();
    await this.#recovering;
    await Promise.all(this.feeds.map((feed) => feed.settled()));
  }

  #replicas(): number[] {
    return Array.from({ length: this.#needs.place.peers - 1 }, (_, index) => index + 1);
  }

  #feedsOf(ordinal: number): ReplicaFeed[] {
    return this.feeds.filter((feed) => feed.ordinal === ordinal);
  }

  /** Waits until `copies` peers have everything up to these marks; false when they do not in time. */
  async #confirmed(targets: readonly { readonly name: LogName; readonly mark: OrderMark }[]): Promise<boolean> {
    const { copies } = this.#needs.place;
    const hasAll = (ordinal: number): boolean => this.#feedsOf(ordinal).every((feed) => targets.every(({ name, mark }) => name !== feed.name || feed.has(mark)));
    const isSo = (): boolean => 1 + this.#replicas().filter(hasAll).length >= copies;
    if (!(await this.#until(() => isSo() || this.answering().length < copies, confirmMs))) return false;
    // Too few answer at the moment: they may be back at once, and are not waited for longer.
    return isSo() || this.#until(isSo, callMs);
  }

  /** Waits for a condition that feeds bring about. */
  async #until(isSo: () => boolean, ms: number): Promise<boolean> {
    const { stopping } = this.#needs;
    const isOver = AbortSignal.any([stopping, AbortSignal.timeout(ms)]);
    this.wake();
    while (!isSo() && !isOver.aborted) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        isOver.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    throwIfAborted(stopping, 'Publishing');
    return isSo();
  }

  #changed(): void {
    for (const tell of this.#waiting.splice(0)) tell();
  }

  #requireSettled(): void {
    if (this.#needs.mark.isSettled) return;
    throw new SoukError('UNAVAILABLE', 'The primary of this site is still finding out what the other peers hold.', { hint: 'Try again in a moment; /readyz of the primary says what it waits for.' });
  }

  async #recover(): Promise<void> {
    const { mark, condition, stopping, log } = this.#needs;
    while (!mark.isSettled && !stopping.aborted) {
      try {
        const missing = await this.#takeAllBack();
        if (missing === undefined) break;
        condition.unmet(missing);
      } catch (error) {
        if (stopping.aborted) return;
        condition.unmet('asking the other peers failed');
        if (!isSilence(error)) log.error('What the other peers hold could not be taken over', { error });
      }
      await delay(askMs, undefined, { signal: stopping, ref: false }).catch(() => undefined);
    }
    if (stopping.aborted) return;
    condition.met();
    for (const feed of this.feeds) feed.start();
  }

  /** Takes over what siblings hold of each log; undefined when that is done, else what is missing. */
  async #takeAllBack(): Promise<string | undefined> {
    const { orders, mark, log, beginWriting } = this.#needs;
    for (const order of orders) {
      const missing = await this.#takeBack(order);
      if (missing !== undefined) return missing;
    }
    await beginWriting();
    const [records = 0] = await Promise.all(orders.map(async ({ ordered }) => (await ordered.logs.order()).arrival));
    await mark.settle(records);
    log.info('what the other peers hold is here', { records });
    return undefined;
  }

  /** Takes over the longest order of a log that enough siblings tell of. */
  async #takeBack({ ordered, keeper }: KeptOrder): Promise<string | undefined> {
    const { place, calls, stopping } = this.#needs;
    const answers = await Promise.all(this.#replicas().map((ordinal) => calls.order(ordinal, ordered.name, { signal: stopping }).then((answer) => ({ ordinal, mark: answer.mark }), (error: unknown) => rethrowLoud(error))));
    const heard = answers.filter((one) => one !== undefined);
    const needed = siblingsToHear(place);
    if (heard.length < needed) return `heard ${heard.length} of the ${needed} other peers that may hold what this one lacks`;
    const [longest] = heard.toSorted((a, b) => b.mark.arrival - a.mark.arrival || b.mark.writers + b.mark.forks - a.mark.writers - a.mark.forks);
    const own = await ordered.logs.order();
    if (longest && !covers(own, longest.mark) && !(await keeper.takeFrom(longest.ordinal, stopping))) {
      return `peer ${longest.ordinal} holds records in another order than this one: start this one with an empty data folder`;
    }
    const now = await ordered.logs.order();
    if (longest && !covers(now, longest.mark)) return `taking over what peer ${longest.ordinal} holds`;
    return undefined;
  }
}

/** A sibling that does not answer is not heard; everything else is worth knowing. */
function rethrowLoud(error: unknown): undefined {
  if (isSilence(error)) return undefined;
  throw error;
}
