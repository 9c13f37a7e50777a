import { LogName } from '@souk/contracts';
import { assignedOrdinals, type Cid, type KeyStore, type LogStore, SoukError, type SitePlace, type StoredRecord } from '@souk/domain';
import type { Log, Metrics, Readiness, Rpc } from '@souk/nest';
import type { PeerNode } from '@souk/p2p';
import PQueue from 'p-queue';
import type { SiteNews } from '../network/site-news.ts';
import type { Retention } from '../retention/retention.ts';
import type { SiteLog } from '../site-log/site-log.ts';
import { BlobPlacer } from './blob-placer.ts';
import { BlobRepair } from './blob-repair.ts';
import type { KeptOrder, OrderedLogs } from './ordered-logs.ts';
import { OrderKeeper } from './order-keeper.ts';
import { Primary } from './primary.ts';
import { isSilence, Replica } from './replica.ts';
import type { SettledMark } from './settled-mark.ts';
import { SiblingBlobs } from './sibling-blobs.ts';
import { SiteCalls } from './site-calls.ts';
import { copySiteKey } from './site-key.ts';
import { alone, type SiteRole } from './site-role.ts';

/** Blobs that are gathered at a time. */
const gatheredAtOnce = 64;

/** What a peer needs to be one of several. */
export interface SitePeersNeeds {
  readonly place: SitePlace;
  readonly logs: LogStore;
  readonly siteLog: Pick<SiteLog, 'readOn' | 'beginWriting'>;
  readonly siteLogs: LogStore;
  readonly keys: KeyStore;
  readonly mark: SettledMark;
  readonly rpc: Rpc;
  readonly siteSecret: string;
  readonly news: Pick<SiteNews, 'appended'>;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly stopping: AbortSignal;
}

/** What there is only once the peer's other parts are open. */
export interface SiteParts {
  readonly node: Pick<PeerNode, 'announceRecords' | 'provide'>;
  readonly retention: Retention;
  /** Fetches a blob that no peer of the site has from other sites; whether it is here then. */
  readonly fetch: (cid: Cid) => Promise<boolean>;
  /** Erases what was taken down among records that have come. */
  readonly screen: (records: readonly StoredRecord[]) => Promise<void>;
  readonly receiver: Parameters<SiblingBlobs['receiveInto']>[0];
}

/** One peer among those of its site: its role, and what it takes from its siblings. */
export class SitePeers {
  readonly place: SitePlace;
  readonly role: SiteRole;
  readonly siblings: SiblingBlobs;
  readonly orders: Readonly<Record<LogName, KeptOrder>>;
  readonly mark: SettledMark;
  /** One append at a time, whoever appends. */
  readonly turns = new PQueue({ concurrency: 1 });
  readonly #needs: SitePeersNeeds;
  readonly #calls: SiteCalls;
  #parts: SiteParts | undefined;
  #repair: BlobRepair | undefined;

  constructor(needs: SitePeersNeeds) {
    const { place, logs, siteLogs, rpc, siteSecret, mark, stopping } = needs;
    this.#needs = needs;
    this.place = place;
    this.mark = mark;
    this.#calls = new SiteCalls(rpc);
    this.siblings = new SiblingBlobs({ place, rpc, siteSecret, stopping });
    const kept = (ordered: OrderedLogs): KeptOrder => ({ ordered, keeper: new OrderKeeper({ ordered, calls: this.#calls }) });
    this.orders = {
      catalogue: kept({ name: 'catalogue', logs, taken: (records) => this.#taken(records) }),
      site: kept({ name: 'site', logs: siteLogs, taken: () => this.#siteLogTaken() }),
    };
    this.role = place.peers === 1 ? alone : place.ordinal === 0 ? this.#primary() : this.#replica();
    this.#show();
  }

  /** Whether the peers on which a blob belongs hold it for good: it need not stay on this one. */
  async isHeldElsewhere(cid: Cid): Promise<boolean> {
    const others = assignedOrdinals(cid, this.place).filter((ordinal) => ordinal !== this.place.ordinal);
    const answers = await Promise.all(others.map((ordinal) => this.#calls.held(ordinal, [cid]).catch(() => ({ pinned: [] as readonly Cid[] }))));
    return answers.every(({ pinned }) => pinned.includes(cid));
  }

  /**
   * Takes what was published at the site and belongs on other peers, and keeps it here until the answer is called: for a backup, which is to be of
   * the whole site. Throws UNAVAILABLE when a blob can't be had, STORAGE_FULL.
   */
  async gathered(): Promise<() => void> {
    const retention = this.#parts?.retention;
    const held: (() => void)[] = [];
    const letGo = (): void => held.forEach((release) => release());
    try {
      for (let after: Cid | undefined; retention; ) {
        const some = await retention.ledger.elsewhere(after, gatheredAtOnce);
        held.push(await retention.hold(some.map((one) => one.cid)));
        const brought = await Promise.all(some.map(async ({ cid }) => (await this.siblings.bring(cid)) || (await this.#parts?.fetch(cid))));
        if (!brought.every(Boolean)) throw new SoukError('UNAVAILABLE', 'Blobs that lie on other peers of the site cannot be had at the moment.', { hint: 'Try again when all peers are back.' });
        after = some.at(-1)?.cid;
        if (some.length < gatheredAtOnce) break;
      }
      return letGo;
    } catch (error) {
      letGo();
      throw error;
    }
  }

  /** Begins its part in the site. */
  start(parts: SiteParts): void {
    this.#parts = parts;
    if (this.place.peers === 1) return;
    const { readiness, log, stopping } = this.#needs;
    this.siblings.receiveInto(parts.receiver);
    const condition = readiness.condition('blobs of this peer');
    if (this.mark.isSettled) condition.met();
    else condition.unmet('what belongs here is not known yet, or still comes');
    const { ledger } = parts.retention;
    const repair = new BlobRepair({ ledger, siblings: this.siblings, fetch: parts.fetch, whenSettled: () => this.mark.whenSettled(stopping), catchUp: () => parts.retention.namesTaken(), condition, log, stopping });
    this.#repair = repair;
    if (this.role instanceof Primary) this.role.start();
    repair.start();
  }

  /** Waits until nothing is under way; for after the service began to stop. */
  async settled(): Promise<void> {
    await this.role.settled();
    await this.#repair?.settled();
    await this.siblings.settled();
  }

  #show(): void {
    const { place, metrics } = this.#needs;
    const { role } = this;
    metrics.gauge('souk_blobs_below_copies', {}, () => this.#repair?.missing ?? 0);
    metrics.gauge('souk_replica_lag_records', {}, () => (role instanceof Primary ? role.lag : 0));
    metrics.gauge('souk_replicas_silent', {}, () => (role instanceof Primary ? place.peers - role.answering().length : 0));
  }

  #primary(): Primary {
    const { place, readiness, log, stopping, mark, siteLog } = this.#needs;
    const beginWriting = async (): Promise<void> => {
      await this.#copySiteKey();
      await siteLog.beginWriting();
    };
    const placer = new BlobPlacer({ place, calls: this.#calls });
    const condition = readiness.condition('what the other peers hold');
    const primary = new Primary({ place, orders: Object.values(this.orders), calls: this.#calls, mark, placer, beginWriting, condition, turns: this.turns, log, stopping });
    return primary;
  }

  #replica(): Replica {
    const { logs, readiness, stopping, mark } = this.#needs;
    return new Replica({ logs, keeper: this.orders.catalogue.keeper, names: LogName.options, calls: this.#calls, mark, condition: readiness.condition('records of the primary'), stopping });
  }

  async #siteLogTaken(): Promise<void> {
    // Not on the way to being acknowledged without its key: a primary that loses its disk takes both from here.
    if (this.place.ordinal !== 0) await this.#copySiteKey();
    await this.#needs.siteLog.readOn();
  }

  #copySiteKey(): Promise<boolean> {
    const { keys, siteLogs } = this.#needs;
    const siblings = Array.from({ length: this.place.peers }, (_, ordinal) => ordinal).filter((ordinal) => ordinal !== this.place.ordinal);
    return copySiteKey({ keys, siteLogs, calls: this.#calls }, this.place.ordinal === 0 ? siblings : [0]);
  }

  /** Tells of what came from a sibling as of what came from elsewhere. */
  async #taken(records: readonly StoredRecord[]): Promise<void> {
    const { news, log, stopping } = this.#needs;
    // A page may have been read before the takedown that came with the other log.
    await this.#parts?.screen(records);
    await this.#parts?.retention.told(records);
    await news.appended(records);
    this.#repair?.wake();
    this.role.wake();
    void this.#parts?.node.announceRecords([]).catch((error: unknown) => {
      if (!stopping.aborted && !isSilence(error)) log.warn('The node was not told of records', { error });
    });
  }
}
