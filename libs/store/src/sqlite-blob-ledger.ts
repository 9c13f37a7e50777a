import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { storeClosed } from '@souk/domain';
import type { BlobLedger, Cid, HeldBlob, Keeping, LedgerMark, Levelled, NamedBlob, Tally, Usage } from '@souk/domain';
import { prepareLedgerStatements, type LedgerStatements } from './blob-ledger-tables.ts';
import { GroupCommit } from './group-commit.ts';
import { storingSync } from './storage-error.ts';

const keepings: readonly Keeping[] = ['unnamed', 'cached', 'pinned'];
const weights = { known: 0, elsewhere: 1, policy: 2, published: 3 } as const;
/** Rows that are looked at or written at a time: a few milliseconds. */
const sliceRows = 128;
/** Uses wait this long, or until there are so many, before they are written. */
const usesWaitMs = 5000;
const maxUses = 1000;

interface BlobRow {
  readonly cid: Cid;
  readonly size: number;
  readonly keeping: number;
  readonly since: number;
  readonly used: number;
}

/** By how much the room that blobs take changes: from one keeping to another, undefined standing for not here. */
interface Move {
  readonly from?: number;
  readonly to?: number;
  readonly before: number;
  readonly after: number;
}

/** A ledger that other threads of this process may write into, each on a connection of its own. */
export interface SharedBlobLedger extends BlobLedger {
  /** Takes note of what another thread wrote: by how much the room of each keeping changed, which may be less than nothing. */
  noted(change: Usage): void;
}

/** The ledger of blobs in SQLite, without an fsync each. */
export class SqliteBlobLedger implements SharedBlobLedger {
  readonly #db: DatabaseSync;
  readonly #sql: LedgerStatements;
  readonly #commits: GroupCommit;
  readonly #tallies: { blobs: number; bytes: number }[];
  readonly #uses = new Map<Cid, number>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(db: DatabaseSync) {
    this.#db = db;
    try {
      this.#sql = storingSync('Opening the ledger of blobs', () => prepareLedgerStatements(db));
      this.#tallies = storingSync('Reading the ledger of blobs', () => this.#count());
    } catch (error) {
      db.close();
      throw error;
    }
    this.#commits = new GroupCommit(db, { store: 'ledger of blobs', maxWeight: sliceRows });
  }

  async put(cid: Cid, size: number, at: number): Promise<void> {
    await this.#write(() => [this.#put(cid, size, at)]);
  }

  async putAll(blobs: readonly Pick<HeldBlob, 'cid' | 'size'>[], at: number): Promise<void> {
    for (let from = 0; from < blobs.length; from += sliceRows) {
      const slice = blobs.slice(from, from + sliceRows);
      await this.#write(() => slice.map(({ cid, size }) => this.#put(cid, size, at)), slice.length);
    }
  }

  used(cid: Cid, at: number): void {
    if (this.#closed || (this.#uses.get(cid) ?? 0) >= at) return;
    this.#uses.set(cid, at);
    if (this.#uses.size >= maxUses) void this.#writeUses();
    else this.#timer ??= setTimeout(() => void this.#writeUses(), usesWaitMs).unref();
  }

  async remove(cid: Cid): Promise<void> {
    await this.#write(() => {
      const row = this.#row(cid);
      if (!row) return [];
      this.#sql.remove.run(cid);
      return [{ from: row.keeping, before: row.size, after: 0 }];
    });
  }

  async get(cid: Cid): Promise<HeldBlob | undefined> {
    return this.#reading(() => {
      const row = this.#row(cid);
      return row && this.#held(row);
    });
  }

  async name(blobs: readonly NamedBlob[], mark?: LedgerMark): Promise<void> {
    for (let at = 0; at + sliceRows < blobs.length; at += sliceRows) await this.#name(blobs.slice(at, at + sliceRows), undefined);
    await this.#name(blobs.slice(-(blobs.length % sliceRows || sliceRows)), mark);
  }

  async mark(): Promise<LedgerMark | undefined> {
    return this.#reading(() => {
      const row = this.#sql.mark.get();
      return row && { arrival: row['arrival'] as number, hash: row['hash'] as string, rule: row['rule'] as string };
    });
  }

  async forget(): Promise<void> {
    const counted = await this.#commits.run(() => {
      this.#db.exec('DELETE FROM named; DELETE FROM mark; UPDATE blob SET keeping = 0 WHERE keeping <> 0');
      return this.#count();
    });
    this.#tallies.splice(0, this.#tallies.length, ...counted);
  }

  usage(): Usage {
    const tally = (keeping: Keeping): Tally => ({ ...(this.#tallies[keepings.indexOf(keeping)] ?? { blobs: 0, bytes: 0 }) });
    return { pinned: tally('pinned'), cached: tally('cached'), unnamed: tally('unnamed') };
  }

  noted(change: Usage): void {
    for (const [index, keeping] of keepings.entries()) this.#tally(index, change[keeping].blobs, change[keeping].bytes);
  }

  async leastUsed(limit: number): Promise<readonly HeldBlob[]> {
    await this.#writeUses();
    return this.#rows(this.#sql.leastUsed, limit);
  }

  async unnamed(before: number, limit: number): Promise<readonly HeldBlob[]> {
    return this.#rows(this.#sql.unnamed, before, limit);
  }

  async published(after: Cid | undefined, limit: number): Promise<readonly { cid: Cid; isHere: boolean }[]> {
    return this.#namedIn(this.#sql.published, after, limit);
  }

  async elsewhere(after: Cid | undefined, limit: number): Promise<readonly { cid: Cid; isHere: boolean }[]> {
    return this.#namedIn(this.#sql.elsewhere, after, limit);
  }

  async level(listed: AsyncIterable<Cid>, look: (cid: Cid) => Promise<number | undefined>, at: number): Promise<Levelled> {
    this.#reading(() => this.#db.exec('DELETE FROM listed'));
    await this.#takeList(listed);
    let [added, removed] = [0, 0];
    for await (const cid of this.#disagreed(this.#sql.unknown)) {
      const size = await look(cid);
      if (size === undefined || this.#row(cid)) continue;
      await this.put(cid, size, at);
      added += 1;
    }
    for await (const cid of this.#disagreed(this.#sql.vanished)) {
      // It may have come here after the list had passed its place.
      if ((await look(cid)) !== undefined) continue;
      await this.remove(cid);
      removed += 1;
    }
    if (this.#closed) return { added, removed };
    this.#db.exec('DELETE FROM listed');
    // What a thread wrote that died before it could tell counts from here on.
    this.#tallies.splice(0, this.#tallies.length, ...this.#count());
    return { added, removed };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    const written = this.#writeUses();
    this.#commits.close();
    this.#closed = true;
    await written;
    storingSync('Closing the ledger of blobs', () => this.#db.close());
  }

  #put(cid: Cid, size: number, at: number): Move {
    const row = this.#row(cid);
    const keeping = this.#keepingOf(cid);
    this.#sql.put.run(cid, size, keeping, row && keeping !== 0 ? row.since : at, at);
    return { ...(row ? { from: row.keeping } : {}), to: keeping, before: row?.size ?? 0, after: size };
  }

  async #name(blobs: readonly NamedBlob[], mark: LedgerMark | undefined): Promise<void> {
    await this.#write(() => {
      const moves = blobs.flatMap(({ cid, as }) => {
        this.#sql.name.run(cid, weights[as]);
        const row = this.#row(cid);
        const keeping = this.#keepingOf(cid);
        if (!row || row.keeping === keeping) return [];
        this.#sql.keep.run(keeping, cid);
        return [{ from: row.keeping, to: keeping, before: row.size, after: row.size }];
      });
      if (mark) this.#sql.setMark.run(mark.arrival, mark.hash, mark.rule);
      return moves;
    }, blobs.length + 1);
  }

  /** Does not fail, because when a blob was used is only an aid; what could not be written waits for the next time, as far as there is room. */
  async #writeUses(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const uses = [...this.#uses];
    if (uses.length === 0 || this.#closed) return;
    this.#uses.clear();
    try {
      await this.#commits.run(() => {
        for (const [cid, at] of uses) this.#sql.use.run(at, cid, at);
      }, uses.length);
    } catch {
      for (const [cid, at] of uses) if (this.#uses.size < maxUses && !this.#uses.has(cid)) this.#uses.set(cid, at);
    }
  }

  async #takeList(listed: AsyncIterable<Cid>): Promise<void> {
    let slice: Cid[] = [];
    const take = (): void => {
      const cids = slice;
      slice = [];
      this.#reading(() => cids.forEach((cid) => this.#sql.list.run(cid)));
    };
    for await (const cid of listed) if (slice.push(cid) >= sliceRows) take();
    take();
  }

  /** Cids of one side that the other one does not have. */
  async *#disagreed(side: StatementSync): AsyncGenerator<Cid> {
    for (let after = ''; ; ) {
      const rows = this.#reading(() => side.all(after, sliceRows));
      for (const row of rows) if (row['agreed'] === 0) yield row['cid'] as Cid;
      if (rows.length < sliceRows) return;
      after = String(rows.at(-1)?.['cid']);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #write(work: () => readonly Move[], weight = 1): Promise<void> {
    for (const move of await this.#commits.run(work, weight)) {
      this.#tally(move.from, -1, -move.before);
      this.#tally(move.to, 1, move.after);
    }
  }

  #tally(keeping: number | undefined, blobs: number, bytes: number): void {
    const tally = keeping === undefined ? undefined : this.#tallies[keeping];
    if (!tally) return;
    tally.blobs += blobs;
    tally.bytes += bytes;
  }

  #count(): { blobs: number; bytes: number }[] {
    const tallies = keepings.map(() => ({ blobs: 0, bytes: 0 }));
    for (const row of this.#sql.usage.all()) tallies[row['keeping'] as number] = { blobs: row['blobs'] as number, bytes: row['bytes'] as number };
    return tallies;
  }

  #keepingOf(cid: Cid): number {
    const weight = this.#sql.weight.get(cid)?.['weight'];
    if (weight === undefined) return 0;
    return weight === weights.known || weight === weights.elsewhere ? 1 : 2;
  }

  #row(cid: Cid): BlobRow | undefined {
    return this.#sql.get.get(cid) as unknown as BlobRow | undefined;
  }

  #held(row: BlobRow): HeldBlob {
    const { cid, size, since } = row;
    const isElsewhere = row.keeping === 1 && this.#sql.isElsewhere.get(cid) !== undefined;
    return { cid, size, since, keeping: keepings[row.keeping] ?? 'unnamed', used: Math.max(row.used, this.#uses.get(cid) ?? 0), ...(isElsewhere ? { isElsewhere } : {}) };
  }

  #namedIn(statement: StatementSync, after: Cid | undefined, limit: number): { cid: Cid; isHere: boolean }[] {
    return this.#reading(() => statement.all(after ?? '', limit).map((row) => ({ cid: row['cid'] as Cid, isHere: row['here'] === 1 })));
  }

  #rows(statement: StatementSync, ...values: number[]): HeldBlob[] {
    return this.#reading(() => statement.all(...values).map((row) => this.#held(row as unknown as BlobRow)));
  }

  #reading<T>(work: () => T): T {
    if (this.#closed) throw storeClosed('blob ledger');
    return storingSync('Reading the ledger of blobs', work);
  }
}
