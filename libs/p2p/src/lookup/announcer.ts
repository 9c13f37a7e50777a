import type { KadDHT } from '@libp2p/kad-dht';
import type { Cid } from '@souk/domain';
import { CID } from 'multiformats/cid';
import type { PeerLimits } from '../node/peer-limits.ts';
import type { PeerLog } from '../node/peer-log.ts';

/** Announcements under way at once: each is a walk through the DHT. */
const parallel = 2;
const walkMs = 30_000;

/** What announcing needs. */
export interface AnnouncerNeeds {
  readonly dht: KadDHT;
  readonly limits: PeerLimits;
  readonly log: PeerLog;
  linked(): readonly string[];
}

/** Tells the DHT which blobs are here: the newest `providedCids` of them, in the background, while there is anybody to tell. The DHT repeats it by itself. */
export class Announcer {
  readonly #needs: AnnouncerNeeds;
  readonly #stopping = new AbortController();
  /** What is announced, the oldest first. */
  readonly #announced = new Set<Cid>();
  /** What is still to be told, and who waits for it. */
  readonly #waiting = new Map<Cid, () => void>();
  readonly #walking = new Map<Cid, { readonly control: AbortController; readonly ended: Promise<void> }>();

  constructor(needs: AnnouncerNeeds) {
    this.#needs = needs;
  }

  /** Adds cids to what is announced; beyond the limit the oldest are announced no more. Resolves when the DHT was told, or when that is given up. */
  async add(cids: readonly Cid[]): Promise<void> {
    const news = cids.slice(-this.#needs.limits.providedCids).filter((cid) => !this.#announced.has(cid));
    const told = news.map((cid) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#announced.add(cid);
      this.#waiting.set(cid, resolve);
      return promise;
    });
    for (const cid of this.#announced) {
      if (this.#announced.size <= this.#needs.limits.providedCids) break;
      void this.#withdraw(cid);
    }
    this.go();
    await Promise.all(told);
  }

  /** Takes cids out of what is announced. Resolves when this peer names itself no longer; what others were told before they forget in time. */
  async remove(cids: readonly Cid[]): Promise<void> {
    await Promise.all(cids.filter((cid) => this.#announced.has(cid)).map((cid) => this.#withdraw(cid)));
  }

  /** Goes on with what waits; call it when a link came. */
  go(): void {
    while (this.#walking.size < parallel && this.#waiting.size > 0 && this.#needs.linked().length > 0 && !this.#stopping.signal.aborted) {
      const [next] = this.#waiting;
      if (next === undefined) return;
      const [cid, told] = next;
      this.#waiting.delete(cid);
      const control = new AbortController();
      const ended = this.#announce(cid, control.signal);
      this.#walking.set(cid, { control, ended });
      void ended.finally(() => {
        this.#walking.delete(cid);
        told();
        this.go();
      });
    }
  }

  /** Takes everything out, as `remove` does, and stops. */
  async end(): Promise<void> {
    await this.remove([...this.#announced]);
    this.stop();
  }

  /** Ends what is under way and gives up what waits. */
  stop(): void {
    this.#stopping.abort();
    for (const told of this.#waiting.values()) told();
    this.#waiting.clear();
  }

  async #withdraw(cid: Cid): Promise<void> {
    this.#announced.delete(cid);
    this.#waiting.get(cid)?.();
    // What waited was told to nobody.
    if (this.#waiting.delete(cid)) return;
    const walk = this.#walking.get(cid);
    walk?.control.abort();
    await walk?.ended;
    try {
      await this.#needs.dht.cancelReprovide(CID.parse(cid));
    } catch (error) {
      this.#needs.log.debug('an announcement could not be withdrawn', { cid, error });
    }
  }

  async #announce(cid: Cid, withdrawn: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([this.#stopping.signal, withdrawn, AbortSignal.timeout(walkMs)]);
    try {
      for await (const event of this.#needs.dht.provide(CID.parse(cid), { signal })) {
        if (event.name === 'QUERY_ERROR') this.#needs.log.debug('a peer did not take an announcement', { cid, error: event.error });
      }
    } catch (error) {
      if (!this.#stopping.signal.aborted && !withdrawn.aborted) this.#needs.log.debug('a blob could not be announced', { cid, error });
    }
  }
}
