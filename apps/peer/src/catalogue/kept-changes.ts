import { Catalogue, type CataloguePolicy, type LogStore, type SummaryStore } from '@souk/domain';
import type { Log } from '@souk/nest';
import { MessageBudget } from '../message-budget.ts';
import { Pace } from '../pace.ts';
import { toldOf, type Changes, type ToldPackage } from './change-page.ts';
import { cursorBefore, isBehind, placeAfter } from './change-place.ts';
import { toldAfter } from './changes.ts';
import { packageSummary } from './package-summary.ts';
import { decisionCursor, toldByPolicy, type PolicySource } from './policy-changes.ts';
import { emptyMark, markAt, readMark, type SummaryMark } from './summary-mark.ts';
import { packagesOf } from './touched-packages.ts';
import { SpareSummaries } from './spare-summaries.ts';

/** Where changes are read and kept. */
export interface KeptChangesSource {
  readonly logs: Pick<LogStore, 'size' | 'since' | 'subjectsSince' | 'read' | 'about' | 'subjects' | 'fork' | 'forks' | 'hashAt' | 'order'>;
  readonly siteLog: PolicySource['siteLog'];
  readonly policy: CataloguePolicy;
  readonly summaries: SummaryStore;
  readonly log: Pick<Log, 'warn'>;
}

/** Packages that are worked out at a time when nobody waits for them. */
const page = 100;

/** A mark as it was read, with its text: undefined for that of an empty store. */
interface Read {
  readonly mark: SummaryMark;
  readonly text: string | undefined;
}

/**
 * Changes for readers, from summaries that are kept: whoever begins anew is told what is kept and then what came since, instead of waiting until every package
 * is folded from the logs. What readers are told is kept along the way, so beside a reader that follows nothing is worked out twice. Whatever
 * becomes of what is kept, answers are right: the logs have the last word, and only time is lost.
 */
export class KeptChanges {
  readonly #source: KeptChangesSource;
  readonly #summaries: SpareSummaries;
  readonly #catalogue: Catalogue;

  constructor(source: KeptChangesSource) {
    this.#source = source;
    this.#summaries = new SpareSummaries(source.summaries, source.log);
    this.#catalogue = new Catalogue(source.logs, source.policy);
  }

  /** What `changesAfter` answers. */
  async after(after: number, limit: number): Promise<Changes> {
    const read = await this.#read();
    if (read && isBehind(after, read.mark.changes)) {
      const kept = await this.#keptAfter(after, limit);
      if (kept) return kept;
    }
    // Before it is folded, because what the site decides meanwhile may not be in it.
    const isAbreast = read?.mark.changes === after && this.#knows(read.mark);
    const { changes, told } = await toldAfter(this.#source.logs, after, limit, this.#source.policy);
    if (isAbreast && changes.next !== after) await this.#advance(read, { changes: changes.next }, { put: told });
    return changes;
  }

  /** Brings what is kept up to now although nobody reads, giving others a turn between its steps; ends early when `signal` aborts. */
  async catchUp(signal: AbortSignal): Promise<void> {
    for (let isLevel = false; !isLevel && !signal.aborted; ) {
      const read = await this.#read();
      if (!read || !this.#knows(read.mark)) return;
      const { changes, told } = await toldAfter(this.#source.logs, read.mark.changes, page, this.#source.policy);
      isLevel = changes.caughtUp;
      if (changes.next !== read.mark.changes) await this.#advance(read, { changes: changes.next }, { put: told });
    }
    if (!signal.aborted) await this.level();
  }

  /**
   * Brings what is kept level with what the site decided and with the forks that are proven, of which no record of the logs tells. False when it can't be, or
   * others are at it.
   */
  async level(): Promise<boolean> {
    for (let read = await this.#read(); read; read = await this.#read()) {
      const { siteLog, logs } = this.#source;
      const isDecided = read.mark.decisions >= decisionCursor(siteLog.length);
      if (isDecided && read.mark.forks >= (await logs.order()).forks) return true;
      if (!(isDecided ? await this.#takeFork(read) : await this.#takeDecisions(read))) return false;
    }
    return false;
  }

  /** Whether this thread has read all that the site had decided at a mark: another one may be ahead. */
  #knows({ decisions }: SummaryMark): boolean {
    return decisions <= decisionCursor(this.#source.siteLog.length);
  }

  /** Undefined when nothing can be kept now. */
  async #read(): Promise<Read | undefined> {
    const text = await this.#summaries.mark();
    if (text === undefined) return undefined;
    const mark = text.kept === undefined ? undefined : await readMark(this.#source, text.kept);
    if (mark) return { mark, text: text.kept };
    if (text.kept !== undefined) await this.#summaries.clear();
    return { mark: await emptyMark(this.#source), text: undefined };
  }

  /** What is kept behind a cursor; undefined when nothing is, or it can't be used. */
  async #keptAfter(after: number, limit: number): Promise<Changes | undefined> {
    const read = (await this.level()) ? await this.#read() : undefined;
    if (!read || !isBehind(after, read.mark.changes)) return undefined;
    const place = placeAfter(after);
    const kept = await this.#summaries.from(place.arrival, place.nth, limit + 1);
    if (!kept) return undefined;
    const budget = new MessageBudget();
    const fit = kept.slice(0, limit).findIndex((one) => !budget.takesText(one.text ?? one.name));
    const told = kept.slice(0, fit === -1 ? limit : fit);
    const next = kept[told.length];
    return {
      packages: told.flatMap(({ text }) => (text === undefined ? [] : [JSON.parse(text) as Changes['packages'][number]])),
      gone: told.flatMap(({ name, text }) => (text === undefined ? [name as Changes['gone'][number]] : [])),
      next: next ? cursorBefore(next) : read.mark.changes,
      caughtUp: false,
    };
  }

  async #takeDecisions(read: Read): Promise<boolean> {
    const { logs, siteLog } = this.#source;
    const { changes, told } = await toldByPolicy({ siteLog, logs, catalogue: this.#catalogue }, read.mark.decisions, page);
    return this.#advance(read, { decisions: changes.next }, { again: told });
  }

  /** A fork may tell which records of a key that was revoked count. */
  async #takeFork(read: Read): Promise<boolean> {
    const { logs } = this.#source;
    const [fork] = await logs.forks(1, read.mark.forks);
    const names = new Set<string>();
    if (fork) await packagesOf(logs, fork.key, Number.POSITIVE_INFINITY, names);
    const pace = new Pace();
    let again: ToldPackage[] = [];
    for (const name of names) {
      await pace.step();
      again.push(toldOf(name, packageSummary(await this.#catalogue.package(name))));
      if (again.length < page) continue;
      if (!(await this.#advance(read, {}, { again }))) return false;
      again = [];
    }
    return this.#advance(read, { forks: read.mark.forks + 1 }, { again });
  }

  async #advance({ mark, text }: Read, to: Partial<Pick<SummaryMark, 'changes' | 'decisions' | 'forks'>>, { put = [], again = [] }: { readonly put?: readonly ToldPackage[]; readonly again?: readonly ToldPackage[] }): Promise<boolean> {
    const { changes, decisions, forks } = mark;
    const after = await markAt(this.#source, { changes, decisions, forks, ...to });
    return this.#summaries.advance({ before: text, after: JSON.stringify(after), put, again });
  }
}
