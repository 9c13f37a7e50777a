import { handOnRecords, keepBlobs, readHeld, readOrder, readOrderHash, readOrderPage, readSiteKey, replicateOrder, type LogName, type OrderPage } from '@souk/contracts';
import { fromBase64, fromHex, type Cid, type OrderMark, type OrderSlice, type WireRecord } from '@souk/domain';
import type { Rpc } from '@souk/nest';
import { fromPage, fromWireMark, toWireMark } from './order-wire.ts';

type Signalled = { readonly signal?: AbortSignal; readonly timeoutMs?: number };

/** What the peers of a site ask of one another. Throws what the calls throw: UNAVAILABLE or TIMEOUT for a peer that is not there. */
export class SiteCalls {
  readonly #rpc: Rpc;

  constructor(rpc: Rpc) {
    this.#rpc = rpc;
  }

  /** Where a peer is in an order. */
  async order(ordinal: number, log: LogName, options: Signalled = {}): Promise<{ mark: OrderMark; settled: boolean }> {
    const { mark, settled } = await this.#rpc.call(readOrder, { log }, { ...options, ordinal });
    return { mark: fromWireMark(mark), settled };
  }

  /** What a peer has after a mark, verified. */
  async slice(ordinal: number, log: LogName, after: OrderMark): Promise<OrderSlice> {
    return fromPage(await this.#rpc.call(readOrderPage, { log, after: toWireMark(after) }, { ordinal }));
  }

  /** The hash of the record that arrived at a place of a peer's order. */
  async hashAt(ordinal: number, log: LogName, arrival: number): Promise<Uint8Array | undefined> {
    const { hash } = await this.#rpc.call(readOrderHash, { log, arrival }, { ordinal });
    return hash === undefined ? undefined : fromHex(hash);
  }

  /** Has a replica take over a page; where it is then. */
  async replicate(ordinal: number, log: LogName, page: OrderPage, options: Signalled = {}): Promise<OrderMark> {
    return fromWireMark((await this.#rpc.call(replicateOrder, { log, page }, { ...options, ordinal })).mark);
  }

  /** Gives records to the primary; where it is then. */
  async handOn(records: WireRecord[]): Promise<OrderMark> {
    return fromWireMark((await this.#rpc.call(handOnRecords, { records }, { ordinal: 0 })).mark);
  }

  /** The seed of the site's key at a peer, undefined where there is none. */
  async siteKey(ordinal: number): Promise<Uint8Array | undefined> {
    const { seed } = await this.#rpc.call(readSiteKey, {}, { ordinal });
    return seed === undefined ? undefined : fromBase64(seed);
  }

  /** Has a peer hold blobs that `from` has; those that it holds then. */
  async keep(ordinal: number, cids: readonly Cid[], from: number, options: Signalled = {}): Promise<readonly Cid[]> {
    return (await this.#rpc.call(keepBlobs, { cids: [...cids], from }, { ...options, ordinal })).held;
  }

  /** Which of these blobs a peer has, and which of them for good. */
  held(ordinal: number, cids: readonly Cid[], options: Signalled = {}): Promise<{ held: readonly Cid[]; pinned: readonly Cid[] }> {
    return this.#rpc.call(readHeld, { cids: [...cids] }, { ...options, ordinal });
  }
}
