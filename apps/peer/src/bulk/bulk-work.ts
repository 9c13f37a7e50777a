import { join } from 'node:path';
import { inspectBytes, readCar, requireSound } from '@souk/archive';
import { maxBulk, type AppendInput, type AppendOutput, type BulkAnswer } from '@souk/contracts';
import { Catalogue, cidMismatch, isSoukError, MemoryKeyStore, namedSpan, sitePolicy, SoukError, toWire, type BlobLedger, type BlobStore, type Cid, type KeyId, type LedgerMark, type LogStore, type NamedBlob, type NamedSpan, type StoredRecord, type SummaryStore, type Tally, type Usage, type WireRecord } from '@souk/domain';
import { joinBlobLedger, joinLogStore, joinSummaryStore, openBlobStore, siteLogFolder } from '@souk/store';
import { appendingOf } from '../append/announce.ts';
import { Appender } from '../append/appender.ts';
import { ArchiveReports } from '../blobs/archive-reports.ts';
import { lawfulBlobs } from '../blobs/lawful-blobs.ts';
import type { Changes } from '../catalogue/change-page.ts';
import { KeptChanges } from '../catalogue/kept-changes.ts';
import type { Sight } from '../site-log/binder.ts';
import { SiteLog } from '../site-log/site-log.ts';

/** Files that are remembered of uploads whose releases have not come yet: a few uploads of small packages. */
const maxReports = 40_000;

/** Where the work is done. */
export interface BulkPlace {
  /** The data folder, which this process owns. */
  readonly folder: string;
  /** Most bytes of one blob. */
  readonly maxBlob: number;
}

/** What became of an append: the answer, what other services and peers are told, and what its records say of blobs. */
export interface BulkAppended {
  readonly output: AppendOutput;
  readonly named?: NamedSpan;
  readonly news?: { readonly arrival: number; readonly cids: readonly Cid[]; readonly newest: readonly WireRecord[]; readonly sights: readonly Sight[] };
}

/** What became of an upload: the answer, which blobs are whole on disk now, which of them are new, and by how much they changed the ledger; undefined when it could not be written. */
export interface BulkKept {
  readonly answer: BulkAnswer;
  readonly whole: readonly Cid[];
  readonly kept: readonly Cid[];
  readonly room: Usage | undefined;
}

/** What records say of blobs, for the ledger. */
export interface BulkNames {
  readonly blobs: readonly NamedBlob[];
  readonly mark: LedgerMark | undefined;
}

/** Of retention only what has to be durable before an append: the peer's own thread has made room, and lets no blob be deleted meanwhile. */
function writersOnly(logs: LogStore): ConstructorParameters<typeof Appender>[0]['retention'] {
  const known = new Set<KeyId>();
  return {
    hold: async () => () => undefined,
    told: async () => undefined,
    writes: async (keys) => {
      const news = [...keys].filter((key) => !known.has(key));
      if (news.length > 0) await logs.addWriters(news);
      for (const key of news) known.add(key);
    },
  };
}

/** What the work is done on. */
interface BulkStores {
  readonly logs: LogStore;
  readonly disk: BlobStore;
  readonly ledger: BlobLedger;
  readonly siteLog: SiteLog;
  readonly summaries: SummaryStore;
}

/**
 * Keeping hundreds of blobs and appending hundreds of records, which takes longer than an event loop may stand still: for a worker thread.
 * It judges by the same code as the peer's own thread, on connections of its own to the same data folder.
 */
export class BulkWork {
  readonly #blobs: BlobStore;
  readonly #ledger: BlobLedger;
  readonly #reports: ArchiveReports;
  readonly #appender: Appender;
  readonly #siteLog: SiteLog;
  readonly #changes: KeptChanges;
  readonly #close: () => Promise<void>;
  #added: readonly StoredRecord[] = [];
  #sights: readonly Sight[] = [];

  private constructor({ logs, disk, ledger, siteLog, summaries }: BulkStores, { maxBlob, close }: { readonly maxBlob: number; readonly close: () => Promise<void> }) {
    this.#ledger = ledger;
    const blobs = lawfulBlobs(disk, siteLog);
    this.#blobs = blobs;
    this.#siteLog = siteLog;
    const policy = sitePolicy(siteLog, Date.now);
    // The peer's own thread meets the same disk, and says so.
    this.#changes = new KeptChanges({ logs, siteLog, policy, summaries, log: { warn: () => undefined } });
    this.#close = close;
    this.#reports = new ArchiveReports(blobs, maxBlob, maxReports);
    const onAppended = async (added: readonly StoredRecord[]): Promise<void> => {
      this.#added = added;
    };
    const onSights = async (sights: readonly Sight[]): Promise<void> => {
      this.#sights = sights;
    };
    const catalogue = new Catalogue(logs, policy);
    this.#appender = new Appender({ logs, blobs, catalogue, site: siteLog, reports: this.#reports, retention: writersOnly(logs), room: { requireDisk: async () => undefined }, onAppended, onSights });
  }

  /** Opens the data folder, which another thread of this process has open. */
  static async open({ folder, maxBlob }: BulkPlace): Promise<BulkWork> {
    const opened: { close(): Promise<void> }[] = [];
    const keep = <T extends { close(): Promise<void> }>(store: T): T => {
      opened.push(store);
      return store;
    };
    const close = async (): Promise<void> => {
      for (const store of opened.splice(0).reverse()) await store.close();
    };
    try {
      const logs = keep(await joinLogStore(folder));
      const siteStore = keep(await joinLogStore(join(folder, siteLogFolder)));
      // It reads only, so it needs no key.
      const siteLog = await SiteLog.open({ store: siteStore, keys: new MemoryKeyStore(), isWriter: false, now: Date.now });
      const ledger = keep(await joinBlobLedger(folder));
      const summaries = keep(await joinSummaryStore(folder));
      return new BulkWork({ logs, disk: keep(await openBlobStore(folder, { isAlone: true })), ledger, siteLog, summaries }, { maxBlob, close });
    } catch (error) {
      await close();
      throw error;
    }
  }

  /**
   * Keeps the blobs of a CAR when each is the one its cid names and a sound archive; else none of them.
   * Throws BAD_REQUEST, BAD_CID, TOO_LARGE, CID_MISMATCH and BAD_ARCHIVE with details `{ cid }`, STORAGE_FULL.
   */
  async keepBlobs(car: Uint8Array): Promise<BulkKept> {
    await this.#siteLog.readOn();
    const blobs = await readCar(car, { maxBlobs: maxBulk.blobs, maxBlobBytes: maxBulk.blobBytes });
    const reports = [];
    for (const { cid, bytes } of blobs) {
      const report = await inspectBytes(bytes, { maxBytes: maxBulk.blobBytes });
      if (report.cid !== cid) throw cidMismatch(cid, report.cid);
      reports.push(sound(report));
    }
    const added = await this.#blobs.putAll(blobs);
    for (const report of reports) this.#reports.remember(report);
    const sizes = new Map(blobs.map(({ cid, bytes }) => [cid, bytes.length]));
    const news = added.map((cid) => ({ cid, size: sizes.get(cid) ?? 0 }));
    // The ledger can be made anew out of the blobs, which are on disk: it fails nobody's upload.
    const room = await this.#inLedger((ledger) => ledger.putAll(news, Date.now())).catch(() => undefined);
    return { answer: { blobs: blobs.length, added: added.length }, whole: [...sizes.keys()], kept: added, room };
  }

  /** `BlobLedger.name`, on a connection of this thread; answers by how much the room of each keeping changed. */
  name({ blobs, mark }: BulkNames): Promise<Usage> {
    return this.#inLedger((ledger) => ledger.name(blobs, mark));
  }

  /** Verifies and appends records as `Appender.append` does. */
  async append(input: AppendInput): Promise<BulkAppended> {
    this.#added = [];
    this.#sights = [];
    await this.#siteLog.readOn();
    const output = await this.#appender.append(input);
    const [told, named] = [appendingOf(this.#added), namedSpan(this.#added)];
    if (!told || !named) return { output };
    const newest = new Map(told.records.map((record) => [record.key, record]));
    return { output, named, news: { arrival: told.arrival, cids: told.cids, newest: [...newest.values()].map(toWire), sights: this.#sights } };
  }

  /** `KeptChanges.after`; what was appended here a moment ago is not read and parsed again. */
  async changes({ after, limit }: { readonly after: number; readonly limit: number }): Promise<Changes> {
    await this.#siteLog.readOn();
    return this.#changes.after(after, limit);
  }

  async #inLedger(write: (ledger: BlobLedger) => Promise<void>): Promise<Usage> {
    const before = this.#ledger.usage();
    await write(this.#ledger);
    return changeOf(before, this.#ledger.usage());
  }

  /** Closes the stores. */
  close(): Promise<void> {
    return this.#close();
  }
}

function changeOf(before: Usage, after: Usage): Usage {
  const change = (keeping: keyof Usage): Tally => ({ blobs: after[keeping].blobs - before[keeping].blobs, bytes: after[keeping].bytes - before[keeping].bytes });
  return { pinned: change('pinned'), cached: change('cached'), unnamed: change('unnamed') };
}

type Report = Parameters<typeof requireSound>[0];

/** The report; a BAD_ARCHIVE names the blob, because there are hundreds in one upload. */
function sound(report: Report): Report {
  try {
    return requireSound(report);
  } catch (error) {
    throw isSoukError(error) ? new SoukError(error.code, `The blob ${report.cid}: ${error.message}`, { hint: error.hint, details: { cid: report.cid, ...error.details } }) : error;
  }
}
