import { AsyncResource } from 'node:async_hooks';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { readSelf } from '@souk/contracts';
import { isSoukError, rendezvous, SoukError, type Cid, type SitePlace } from '@souk/domain';
import { traceHeaders, type Rpc } from '@souk/nest';
import PQueue from 'p-queue';
import { receiveBlob, type BlobReceiver } from '../blobs/receive-blob.ts';

/** The header by which a peer says that it wants only what its sibling has on disk: no peer asks on for another. */
export const onDiskOnly = 'souk-on-disk-only';

/** What taking blobs from siblings needs. */
export interface SiblingBlobsNeeds {
  readonly place: SitePlace;
  readonly rpc: Rpc;
  readonly siteSecret: string;
  readonly stopping: AbortSignal;
}

/** What a blob that comes from a sibling goes into. */
export interface SiblingReceiver extends BlobReceiver {
  readonly blobs: BlobReceiver['blobs'] & { size(cid: Cid): Promise<number | undefined> };
}

/** Blobs that are taken at the same time, whoever wants them. */
const parallel = 6;
/** How long one may take: this many milliseconds, and a second more per MiB. */
const patienceMs = 10_000;
const bytesPerMs = 1_048_576 / 1000;

/** Takes blobs from the other peers of the site, over HTTP and checked like any upload. One that is wanted twice comes once. */
export class SiblingBlobs {
  readonly #needs: SiblingBlobsNeeds;
  readonly #queue = new PQueue({ concurrency: parallel });
  readonly #coming = new Map<Cid, Promise<boolean>>();
  readonly #urls = new Map<number, string>();
  #receiver: SiblingReceiver | undefined;

  constructor(needs: SiblingBlobsNeeds) {
    this.#needs = needs;
  }

  /** Where blobs go; until this is said none are taken. */
  receiveInto(receiver: SiblingReceiver): void {
    this.#receiver = receiver;
  }

  /** Whether a blob is on this disk now: it was, or one of the siblings had it, `from` asked first. Throws STORAGE_FULL. */
  bring(cid: Cid, from?: number): Promise<boolean> {
    const coming = this.#coming.get(cid);
    if (coming) return coming;
    // Else it would run in the trace of whoever was before it in the queue.
    const bring = AsyncResource.bind(() => this.#bring(cid, from));
    const bringing = this.#queue.add(() => bring()).finally(() => this.#coming.delete(cid));
    this.#coming.set(cid, bringing);
    return bringing;
  }

  /** Waits for those that are coming. */
  async settled(): Promise<void> {
    await this.#queue.onIdle();
  }

  async #bring(cid: Cid, from: number | undefined): Promise<boolean> {
    const { place, stopping } = this.#needs;
    const receiver = this.#receiver;
    if (!receiver || stopping.aborted) return false;
    if ((await receiver.blobs.size(cid)) !== undefined) return true;
    const others = rendezvous(cid, place.peers).filter((ordinal) => ordinal !== place.ordinal && ordinal !== from);
    for (const ordinal of from === undefined ? others : [from, ...others]) {
      try {
        if (await this.#takeFrom(cid, ordinal, receiver)) return true;
      } catch (error) {
        // The next sibling may have it, or be there at all.
        if (isSoukError(error) && error.code === 'STORAGE_FULL') throw error;
      }
    }
    return false;
  }

  async #takeFrom(cid: Cid, ordinal: number, receiver: SiblingReceiver): Promise<boolean> {
    const known = this.#urls.get(ordinal);
    if (known !== undefined) {
      try {
        return await this.#take(cid, known, receiver);
      } catch (error) {
        // It may have started again on another port.
        this.#urls.delete(ordinal);
        if (isSoukError(error) && error.code === 'STORAGE_FULL') throw error;
      }
    }
    const { url } = (await this.#needs.rpc.call(readSelf, {}, { ordinal })).blobs;
    this.#urls.set(ordinal, url);
    return this.#take(cid, url, receiver);
  }

  async #take(cid: Cid, url: string, receiver: SiblingReceiver): Promise<boolean> {
    const late = new AbortController();
    let timer = setTimeout(() => late.abort(), patienceMs);
    try {
      const response = await fetch(`${url}/blobs/${cid}`, { headers: { ...traceHeaders(), authorization: `Bearer ${this.#needs.siteSecret}`, [onDiskOnly]: '1' }, signal: AbortSignal.any([late.signal, this.#needs.stopping]) });
      if (response.status === 404) {
        await response.body?.cancel();
        return false;
      }
      if (!response.ok || !response.body) throw new SoukError('UNAVAILABLE', `A peer of this site answered ${response.status} for a blob.`);
      const size = Number(response.headers.get('content-length') ?? 0);
      clearTimeout(timer);
      timer = setTimeout(() => late.abort(), patienceMs + size / bytesPerMs);
      await receiveBlob(cid, Readable.fromWeb(response.body as ReadableStream), receiver, size);
      return true;
    } finally {
      clearTimeout(timer);
    }
  }
}
