import { toWireHead, type AppendInput, type AppendOutput, type WireHead } from '@souk/contracts';
import { blobNotFound, carriedEvidence, isSoukError, readFact, SoukError, storedEvidence, type BlobStore, type Catalogue, type LogStore, type ReleaseBody, type SiteState, type StoredRecord, type VerifiedRecord } from '@souk/domain';
import PQueue from 'p-queue';
import type { ArchiveReports } from '../blobs/archive-reports.ts';
import type { Retention } from '../retention/retention.ts';
import type { RoomKeeper } from '../retention/room-keeper.ts';
import { sightsOf, type Sight } from '../site-log/binder.ts';
import { requireFreeClaims } from './claims.ts';
import { joinedEvidence } from './joined-evidence.ts';
import { requireMatchingArchive } from './release-archive.ts';
import { requireLetIn, requireNotTakenDown } from './site-rules.ts';
import { requireStanding } from './standing.ts';
import { requireContinuation, unheldRecords } from './unheld-records.ts';
import { verifyRecords } from './verify-records.ts';
import { withChangedFiles } from './version-conflict.ts';

/** What an appender works on. */
export interface AppenderNeeds {
  readonly logs: LogStore;
  readonly blobs: Pick<BlobStore, 'size'>;
  readonly catalogue: Catalogue;
  /** What the site decided. */
  readonly site: { readonly state: SiteState };
  readonly reports: ArchiveReports;
  readonly retention: Pick<Retention, 'hold' | 'writes' | 'told'>;
  readonly room: Pick<RoomKeeper, 'requireDisk'>;
  /** Hears what was appended, in the order of appends, once it is on disk. */
  readonly onAppended: (added: readonly StoredRecord[]) => Promise<void>;
  /** Hears which names were taken, once that is on disk and before the next append is judged. */
  readonly onSights: (sights: readonly Sight[]) => Promise<void>;
  /** Takes one job at a time, shared by whoever appends here; one of its own when left out. Judging and writing are one step: two publishers must not take the same name at once. */
  readonly turns?: PQueue;
}

/** Kinds that take something back: they are few and small, and must not wait until there is room. */
const takingBack = new Set(['retract', 'revoke', 'rotate']);

function releasesAmong(records: readonly VerifiedRecord[]): ReleaseBody[] {
  return records.map(readFact).flatMap((fact) => (fact?.kind === 'release' ? [fact.body] : []));
}

/** The door through which this site's own records come in: whatever passes it counts everywhere. */
export class Appender {
  readonly #needs: AppenderNeeds;
  readonly #turns: PQueue;

  constructor(needs: AppenderNeeds) {
    this.#needs = needs;
    this.#turns = needs.turns ?? new PQueue({ concurrency: 1 });
  }

  /**
   * Verifies and appends records, all or nothing; resolves when they are on disk. Records that are held already are no fault and not counted.
   * Throws what `verifyRecords`, `requireMatchingArchive`, `requireStanding`, `requireLetIn`, `requireNotTakenDown` and `requireFreeClaims` throw, STALE_HEAD, FORKED_LOG, STORAGE_FULL.
   */
  async append(input: AppendInput): Promise<AppendOutput> {
    const { logs, retention, room } = this.#needs;
    const records = await verifyRecords(input.records);
    const news = await unheldRecords(logs, records);
    requireNotTakenDown(news, this.#needs.site.state);
    const releases = releasesAmong(news);
    let added: readonly StoredRecord[] = [];
    if (news.some((one) => !takingBack.has(one.fields.kind))) await room.requireDisk();
    if (news.length > 0) {
      const letGo = await retention.hold(releases.map((one) => one.cid));
      try {
        for (const release of releases) await this.#requireArchive(release);
        added = await this.#turns.add(() => this.#judgeAndWrite(records)).catch((error: unknown) => this.#explain(error, releases));
      } finally {
        letGo();
      }
    }
    return { added: added.length, heads: await this.#headsOf(records) };
  }

  /** Waits for the appends under way. */
  async settled(): Promise<void> {
    await this.#turns.onIdle();
  }

  async #judgeAndWrite(records: readonly VerifiedRecord[]): Promise<readonly StoredRecord[]> {
    const { logs, catalogue, site, retention, onAppended, onSights } = this.#needs;
    const news = await unheldRecords(logs, records);
    await requireContinuation(logs, news);
    const writers = await requireStanding(news, joinedEvidence(storedEvidence(logs), carriedEvidence(news)));
    requireLetIn(writers, site.state, Date.now());
    await requireFreeClaims(news, writers, { catalogue, bindings: site.state.bindings });
    await retention.writes(writers.keys());
    const { added, forks } = await logs.append(news);
    // Their blobs are held until this is done, so what is published is pinned before it could be evicted.
    await retention.told(added);
    if (added.length > 0) await onSights(sightsOf(news, writers));
    if (added.length > 0) await onAppended(added);
    const fork = forks[0];
    if (fork) throw new SoukError('FORKED_LOG', `Another record ${fork.seq} of ${fork.key} came in meanwhile; its log is frozen there.`, { hint: 'The root key of its publisher has to revoke this key; publish with another device key.', details: { key: fork.key, seq: fork.seq } });
    return added;
  }

  async #requireArchive(release: ReleaseBody): Promise<void> {
    // The report may be remembered from a time when the blob was here.
    if ((await this.#needs.blobs.size(release.cid)) === undefined) throw blobNotFound(release.cid);
    await requireMatchingArchive(release, this.#needs.reports);
  }

  async #explain(error: unknown, releases: readonly ReleaseBody[]): Promise<never> {
    throw isSoukError(error) && error.code === 'VERSION_EXISTS' ? await withChangedFiles(error, releases, this.#needs.reports) : error;
  }

  async #headsOf(records: readonly VerifiedRecord[]): Promise<WireHead[]> {
    const heads: WireHead[] = [];
    for (const key of new Set(records.map((one) => one.key))) {
      const head = await this.#needs.logs.head(key);
      if (head) heads.push(toWireHead(head));
    }
    return heads;
  }
}
