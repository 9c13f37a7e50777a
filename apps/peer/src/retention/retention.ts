import { setTimeout as delay } from 'node:timers/promises';
import type { StorageStatus } from '@souk/contracts';
import { Catalogue, NamedBlobs, pinRule, SoukError, type SitePlace, type BlobStore, type Cid, type KeyId, type LedgerMark, type NamedBlob, type NamedSpan, type RoomLimits, type StoredRecord, type Usage } from '@souk/domain';
import type { Log, Metrics } from '@souk/nest';
import type { PeerNode } from '@souk/p2p';
import { diskSpace, type DataFolder, type DiskSpace, type SharedBlobLedger } from '@souk/store';
import { Pace } from '../pace.ts';
import { Evictor } from './evictor.ts';
import { RetainedBlobs } from './retained-blobs.ts';
import { retentionMetrics } from './retention-metrics.ts';
import { RoomKeeper } from './room-keeper.ts';
import { sweepOrphans } from './sweeper.ts';

/** What is kept how long. */
export interface RetentionRules extends RoomLimits {
  /** Patterns of what is kept for good beside what is published here. */
  readonly pin: readonly string[];
  /** Milliseconds that an uploaded blob may lie here before a record names it. */
  readonly graceMs: number;
}

/** What retention needs. */
export interface RetentionNeeds {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly stopping: AbortSignal;
  /** Which of the site's peers this is; the only one unless given. */
  readonly place?: SitePlace;
  /** Whether other peers of the site hold for good what belongs on their disks; asked before this one lets go of it. */
  readonly isHeldElsewhere?: (cid: Cid) => Promise<boolean>;
  /** Looks how much room the disk has; the data folder's disk unless given. */
  readonly look?: () => Promise<DiskSpace>;
}

/** Writes names into the ledger on another thread, and answers by how much the room of each keeping changed; undefined when there is no such thread now. */
export type NameElsewhere = (names: { readonly blobs: readonly NamedBlob[]; readonly mark: LedgerMark | undefined }) => Promise<Usage> | undefined;

/** Names that are written here, fewer than this, whoever else could do it. */
const fewNames = 64;
/** Longest time between two rounds of upkeep. */
const upkeepMs = 60_000;

/** Decides which blobs stay: knows which are pinned and cached, makes room, and deletes what nobody names. Opened before the node and closed after it. */
export class Retention {
  /** The blob store that everybody else uses. */
  readonly blobs: BlobStore;
  readonly ledger: SharedBlobLedger;
  readonly evictor: Evictor;
  readonly room: RoomKeeper;
  /** The blobs without rules, for checks. */
  readonly held: BlobStore;
  readonly #names: NamedBlobs;
  #nameElsewhere: NameElsewhere = () => undefined;
  readonly #rules: RetentionRules;
  readonly #needs: RetentionNeeds;
  /** Whether the ledger was made level since the start, and whether it could not be written since then. */
  #isLevel = false;
  #isUneven = false;
  #levelling: Promise<void> = Promise.resolve();
  #upkeep: Promise<void> = Promise.resolve();

  constructor(data: Pick<DataFolder, 'path' | 'logs' | 'blobs' | 'ledger'>, rules: RetentionRules, needs: RetentionNeeds) {
    const { log, metrics } = needs;
    const { logs, ledger } = data;
    const pace = new Pace();
    this.#rules = rules;
    this.#needs = needs;
    this.held = data.blobs;
    this.ledger = ledger;
    const named = { name: (blobs: readonly NamedBlob[], mark?: LedgerMark) => this.#name(blobs, mark), mark: () => ledger.mark(), forget: () => ledger.forget() };
    this.#names = new NamedBlobs({ logs, ledger: named, rule: pinRule(rules.pin, new Catalogue(logs), needs.place), pace: () => pace.step() });
    const onUneven = (error: unknown): void => this.#noteUneven(error);
    this.evictor = new Evictor({ blobs: data.blobs, ledger, log, catchUp: () => this.#names.catchUp(), onUneven, onDropped: (keeping, bytes) => count(keeping, bytes), isHeldElsewhere: needs.isHeldElsewhere });
    this.room = new RoomKeeper({ ledger, evictor: this.evictor, limits: rules, log, look: needs.look ?? (() => diskSpace(data.path)) });
    const counted = retentionMetrics(metrics, ledger, this.room);
    const count: typeof counted = (keeping, bytes) => {
      this.room.dropped(bytes);
      counted(keeping, bytes);
    };
    const onUntidy = (error: unknown): void => log.warn('Cached blobs were not evicted', { error });
    this.blobs = new RetainedBlobs({ blobs: data.blobs, ledger, evictor: this.evictor, room: this.room, now: Date.now, onUneven, onUntidy });
  }

  /** Begins upkeep: makes the ledger level with the folder, takes over what records say, and sweeps, now and again. */
  start(node: Pick<PeerNode, 'withdraw' | 'onRecords'>): void {
    this.evictor.withdrawBy((cids) => node.withdraw(cids));
    node.onRecords((records) => void this.told(records));
    this.#upkeep = this.#keepUp();
  }

  /** Keeps blobs that are being published or installed from being deleted until the answer is called. */
  hold(cids: readonly Cid[]): Promise<() => void> {
    return this.evictor.hold(cids);
  }

  /** Keeps all blobs from being deleted while another thread appends records that name some, until what they say was taken over: from its answer, else from the logs. */
  async whileAppending<T extends { readonly named?: NamedSpan }>(append: () => Promise<T>): Promise<T> {
    const letGo = await this.evictor.holdAll();
    let named: NamedSpan | undefined;
    try {
      const done = await append();
      named = done.named;
      return done;
    } finally {
      void (named ? this.#names.toldSpan(named) : this.#names.catchUp())
        .catch((error: unknown) => this.#unlessStopping(() => this.#needs.log.warn('What records say of blobs was not taken over yet', { error })))
        .finally(letGo);
    }
  }

  /** Another thread kept blobs and wrote them into the ledger; `change` says by how much, undefined when it could not. */
  async kept(change: Usage | undefined): Promise<void> {
    if (change) this.ledger.noted(change);
    else this.#noteUneven(new SoukError('STORAGE_DENIED', 'The thread for bulk work could not write the ledger of blobs.'));
    await this.room.tidy();
  }

  /** Has another thread write what many records say of blobs: each is in another page, and moving those to the disk takes its time. `name` is undefined while there is none. */
  nameBy(name: NameElsewhere): void {
    this.#nameElsewhere = name;
  }

  async #name(blobs: readonly NamedBlob[], mark: LedgerMark | undefined): Promise<void> {
    const change = blobs.length < fewNames ? undefined : await this.#nameElsewhere({ blobs, mark });
    if (change) this.ledger.noted(change);
    else await this.ledger.name(blobs, mark);
  }

  /** Notes that these keys publish here, before anything of theirs is acknowledged: their blobs are pinned. Durable when it resolves. */
  writes(keys: Iterable<KeyId>): Promise<void> {
    return this.#names.writes(keys);
  }

  /** Takes over records that are on disk. Never fails: what it missed it reads again before anything is deleted. */
  async told(records: readonly StoredRecord[]): Promise<void> {
    try {
      await this.#names.told(records);
    } catch (error) {
      this.#unlessStopping(() => this.#needs.log.warn('What records say of blobs was not taken over yet', { error }));
    }
  }

  /** A blob that is here was sent here once more: an unnamed one has its whole grace again. */
  async sentAgain(cid: Cid, size: number): Promise<void> {
    await this.ledger.put(cid, size, Date.now()).catch((error: unknown) => this.#noteUneven(error));
  }

  /** A blob that is here is wanted. */
  wanted(cid: Cid): void {
    this.ledger.used(cid, Date.now());
  }

  /** Takes over what records that are on disk say of blobs. Throws what the stores throw. */
  namesTaken(): Promise<void> {
    return this.#names.catchUp();
  }

  /** Brings the ledger and the names up to date, as upkeep does, so that a check sees what is. */
  levelled(): Promise<void> {
    this.#levelling = this.#levelling.catch(() => undefined).then(() => this.#level());
    return this.#levelling;
  }

  /** Deletes orphans; answers how many. */
  sweep(): Promise<number> {
    const needs = { ledger: this.ledger, evictor: this.evictor, catchUp: () => this.#names.catchUp() };
    return sweepOrphans(needs, this.orphanedBefore, this.#needs.stopping);
  }

  /** Unnamed blobs that came before this time are orphans, in milliseconds since 1970. */
  get orphanedBefore(): number {
    return Date.now() - this.#rules.graceMs;
  }

  /** What is here, and how much room there is. */
  async status(): Promise<StorageStatus> {
    const { disk } = await this.room.look();
    const { maxBytes, minFree } = this.#rules;
    return { ...this.ledger.usage(), ...(maxBytes === undefined ? {} : { maxBytes }), disk: { ...disk, minFree: Math.ceil(minFree * disk.total) }, isLevel: this.#isLevel && !this.#isUneven };
  }

  /** Waits for what is under way; nothing new begins, because the service is stopping. */
  async settled(): Promise<void> {
    await this.#upkeep;
    await this.evictor.settled();
  }

  async #keepUp(): Promise<void> {
    const { stopping, log } = this.#needs;
    const wait = Math.min(upkeepMs, this.#rules.graceMs);
    while (!stopping.aborted) {
      try {
        await this.#round();
      } catch (error) {
        this.#unlessStopping(() => log.warn('Upkeep of the blobs failed; it is tried again', { error }));
      }
      await delay(wait, undefined, { signal: stopping, ref: false }).catch(() => undefined);
    }
  }

  async #level(): Promise<void> {
    this.#isUneven = false;
    try {
      const { added, removed } = await this.ledger.level(this.held.list(), (cid) => this.held.size(cid), Date.now());
      if (added + removed > 0) this.#needs.log.info('the ledger of blobs was made level', { added, removed });
    } catch (error) {
      this.#isUneven = true;
      throw error;
    }
    this.#isLevel = true;
    await this.#names.catchUp();
  }

  async #round(): Promise<void> {
    if (!this.#isLevel || this.#isUneven) await this.levelled();
    const swept = await this.sweep();
    if (swept > 0) this.#needs.log.info('blobs that no record names were deleted', { swept });
    await this.room.tidy();
  }

  #noteUneven(error: unknown): void {
    if (!this.#isUneven) this.#unlessStopping(() => this.#needs.log.warn('The ledger of blobs could not be written; it is made level later', { error }));
    this.#isUneven = true;
  }

  #unlessStopping(say: () => void): void {
    if (!this.#needs.stopping.aborted) say();
  }
}
