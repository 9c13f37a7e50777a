import { SoukError, type Cid, type LogStore } from '@souk/domain';

/** What a peer does for its site, beside the other peers: alone, as the primary or as a replica. */
export interface SiteRole {
  /** There are no other peers. */
  readonly isAlone?: true;
  /** Throws unless publishers may write here now: NOT_PRIMARY at a replica, UNAVAILABLE while fewer than `copies` peers answer. */
  requireTaking(): Promise<void>;
  /**
   * Resolves when everything that this peer holds, and these blobs, which it holds too, are on disk on `copies` peers. Throws UNAVAILABLE
   * when that is not so in time; what was written stays and is brought on, so that the same request succeeds later.
   */
  acknowledged(cids: readonly Cid[]): Promise<void>;
  /** Resolves when blobs that this peer holds are on disk on `copies` peers. Throws UNAVAILABLE. */
  placed(cids: readonly Cid[], signal?: AbortSignal): Promise<void>;
  /** Records came here by a way of their own, from other sites. */
  wake(): void;
  /** The logs as the peer's node gets them: what other sites send passes through the site's one order. */
  nodeLogs(logs: LogStore): LogStore;
  /** Waits until nothing is under way; for after the service began to stop. */
  settled(): Promise<void>;
}

/** The only peer of its site. */
export const alone: SiteRole = {
  isAlone: true,
  requireTaking: async () => undefined,
  acknowledged: async () => undefined,
  placed: async () => undefined,
  wake: () => undefined,
  nodeLogs: (logs) => logs,
  settled: async () => undefined,
};

/** A log store that appends in another way. */
export function appendingBy(logs: LogStore, append: LogStore['append']): LogStore {
  return {
    append,
    head: (key) => logs.head(key),
    heads: (after, limit) => logs.heads(after, limit),
    size: () => logs.size(),
    read: (key, from, limit) => logs.read(key, from, limit),
    since: (arrival, limit) => logs.since(arrival, limit),
    headsSince: (arrival, limit) => logs.headsSince(arrival, limit),
    subjectsSince: (arrival, limit) => logs.subjectsSince(arrival, limit),
    about: (subject, arrival, limit) => logs.about(subject, arrival, limit),
    subjects: (prefix, after, limit) => logs.subjects(prefix, after, limit),
    forks: (limit, after) => logs.forks(limit, after),
    fork: (key) => logs.fork(key),
    eraseBody: (key, seq) => logs.eraseBody(key, seq),
    addWriters: (keys) => logs.addWriters(keys),
    writers: () => logs.writers(),
    order: () => logs.order(),
    hashAt: (arrival) => logs.hashAt(arrival),
    slice: (after, limit) => logs.slice(after, limit),
    takeOver: (slice) => logs.takeOver(slice),
    close: () => logs.close(),
  };
}

/** UNAVAILABLE: too few peers of the site have something on disk. */
export function tooFewCopies(what: string, copies: number, cause?: unknown): SoukError {
  return new SoukError('UNAVAILABLE', `${what} is not on the disks of ${copies} peers of this site: too few of them answer.`, {
    hint: 'Try again when the other peers are back; sent once more as it is, it is acknowledged then and never doubled.',
    details: { copies },
    cause,
  });
}
