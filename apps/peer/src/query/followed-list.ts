import { followedKeys, maxFollowed, type Bindable, type FollowList, type KeyId, type StoredRecord } from '@souk/domain';
import type { Log } from '@souk/nest';
import type { FollowedLogs, PeerNode } from '@souk/p2p';

/** How often super-peers are asked again which logs the list means, in milliseconds. */
const againMs = 300_000;
/** Kinds of records by which a publisher's keys change. */
const aboutKeys = new Set(['delegate', 'rotate']);

type Asked = Pick<PeerNode, 'ask' | 'onLinks' | 'onRecords' | 'superPeers'>;

/**
 * Which logs a list of publishers, scopes and names means: super-peers are asked, and what their records prove is followed from then on, also when the next one leaves
 * it out. They are asked again from time to time, when a link to one came, and when a log that is followed names another key.
 */
export class FollowedList implements FollowedLogs {
  readonly list: FollowList;
  readonly #log: Log;
  readonly #listeners = new Set<() => void>();
  #keys: ReadonlySet<KeyId> = new Set();
  #node: Asked | undefined;
  #asking: Promise<void> = Promise.resolve();
  #isAsking = false;
  #isWanted = false;
  #timer: NodeJS.Timeout | undefined;
  #supers = 0;

  constructor(list: FollowList, log: Log) {
    this.list = list;
    this.#log = log;
  }

  /** Begins to ask by a node that runs. */
  start(node: Asked): void {
    this.#node = node;
    this.#timer = setInterval(() => void this.ask(), againMs).unref();
    node.onLinks(() => {
      const supers = node.superPeers().length;
      if (supers > this.#supers) void this.ask();
      this.#supers = supers;
    });
    node.onRecords((records) => this.#heard(records));
  }

  /** Ends. */
  stop(): void {
    clearInterval(this.#timer);
    this.#node = undefined;
  }

  listed(): ReadonlySet<KeyId> {
    return this.#keys;
  }

  onChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Asks which logs the list means; who asks meanwhile waits for one more answer. Never throws: what is known stays. */
  ask(): Promise<void> {
    this.#isWanted = true;
    if (!this.#isAsking) this.#asking = this.#askOn();
    return this.#asking;
  }

  async #askOn(): Promise<void> {
    this.#isAsking = true;
    while (this.#isWanted) {
      this.#isWanted = false;
      await this.#askOnce();
    }
    this.#isAsking = false;
  }

  async #askOnce(): Promise<void> {
    const { publishers, names } = this.list;
    if (!this.#node || publishers.length + names.length === 0) return;
    try {
      const { records } = await this.#node.ask({ t: 'follow?', publishers: [...publishers], names: names as Bindable[] });
      this.#add(await followedKeys(records, this.list));
    } catch (error) {
      this.#log.debug('Nobody said which logs are to be followed', { error });
    }
  }

  #add(keys: ReadonlySet<KeyId>): void {
    const all = new Set([...this.#keys, ...keys]);
    if (all.size === this.#keys.size) return;
    if (all.size > maxFollowed) return this.#log.warn('The list comes to more logs than can be followed; no more are', { logs: all.size, limit: maxFollowed });
    this.#keys = all;
    for (const listener of this.#listeners) listener();
  }

  #heard(records: readonly StoredRecord[]): void {
    if (records.some(({ record }) => aboutKeys.has(record.fields.kind))) void this.ask();
  }
}
