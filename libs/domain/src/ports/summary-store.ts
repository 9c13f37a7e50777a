/** What readers of the catalogue are told of one package, and the place at which they are: the `nth` package that the record at `arrival` touches. */
export interface KeptSummary {
  readonly name: string;
  readonly arrival: number;
  readonly nth: number;
  /** The summary as JSON; absent for a package of which nothing can be installed. */
  readonly text?: string;
}

/** A step of a projection: from one mark to the next, with what became of packages between them. */
export interface SummaryStep {
  /** The mark from which the step was worked out; undefined for an empty store. */
  readonly before: string | undefined;
  readonly after: string;
  /** In place of what is kept of these packages. */
  readonly put: readonly KeptSummary[];
  /** What is told of packages from now on, at the places where they are; those that are not kept are skipped. */
  readonly again: readonly Pick<KeptSummary, 'name' | 'text'>[];
}

/**
 * The summaries of all packages, kept so that a reader that begins anew need not wait until they are folded from the logs. A projection: it may be lost at any
 * time, and then comes back from the logs. Its mark says, in words of whoever keeps it, how far it has come.
 */
export interface SummaryStore {
  /** The mark of the last step; undefined for an empty store. */
  mark(): Promise<string | undefined>;
  /** Summaries in the order of their places, from a place on; at most `limit`. Throws STORAGE_CORRUPT when the disk changed one of them. */
  from(arrival: number, nth: number, limit: number): Promise<readonly KeptSummary[]>;
  /** Takes a step, all of it or nothing; false, and nothing changed, when the mark is not the one that it began from. Full disk: STORAGE_FULL. */
  advance(step: SummaryStep): Promise<boolean>;
  /** Forgets everything. A damaged store is put away by that and takes nothing more until it is opened again. */
  clear(): Promise<void>;
  /** Closes; later calls throw UNAVAILABLE. */
  close(): Promise<void>;
}
